variable "name" {
  type = string
}

variable "cidr" {
  type = string
}

variable "azs" {
  type = list(string)
}

variable "enable_nat" {
  type    = bool
  default = true
}

variable "single_nat" {
  description = "One NAT gateway for all zones. Cheaper, and good enough so far."
  type        = bool
  default     = false
}

variable "public_subnet_tags" {
  type    = map(string)
  default = {}
}
