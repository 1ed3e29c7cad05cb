variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "allowed_cidrs" {
  type = list(string)
}

variable "brokers" {
  type = number
}

variable "instance_type" {
  type = string
}

variable "volume_size" {
  type    = number
  default = 200
}
