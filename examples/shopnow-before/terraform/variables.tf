variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "environment" {
  type = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "The environment is staging or production."
  }
}

variable "domain" {
  description = "Public domain of the shop."
  type        = string
}

variable "vpc_cidr" {
  type    = string
  default = "10.20.0.0/16"
}

variable "services" {
  description = "The three services behind the load balancer. Path patterns are matched in order of priority; the service without any is the default."
  type = map(object({
    node_port = number
    priority  = optional(number)
    paths     = optional(list(string), [])
    health    = optional(string, "/healthz")
  }))
}

variable "databases" {
  description = "One Aurora cluster per service that needs one."
  type = map(object({
    instance_class = string
    instances      = optional(number, 1)
    backup_days    = optional(number, 1)
    pii            = optional(bool, false)
  }))
}

variable "db_username" {
  type    = string
  default = "shopnow"
}

variable "db_password" {
  type = string
}

variable "psp_api_key" {
  description = "Live key of the payment service provider."
  type        = string
}

variable "node_groups" {
  type = map(object({
    instance_types = list(string)
    min            = number
    max            = number
    desired        = number
    spot           = optional(bool, false)
  }))
}

variable "ssh_public_key" {
  description = "Team key, see 1Password / Platform / shopnow-ops."
  type        = string
}

variable "bastion_ami" {
  type    = string
  default = "ami-0d64bb532e0502c46" # Ubuntu 22.04, eu-west-1
}

variable "office_cidrs" {
  type    = list(string)
  default = []
}

variable "alarm_email" {
  type    = string
  default = ""
}

variable "developers" {
  type    = list(string)
  default = []
}
