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

variable "node_type" {
  type = string
}

variable "replicas" {
  type    = number
  default = 0
}

variable "port" {
  type    = number
  default = 6379
}
