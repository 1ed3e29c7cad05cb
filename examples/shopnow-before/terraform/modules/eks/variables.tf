variable "name" {
  type = string
}

variable "cluster_version" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
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

variable "node_policy" {
  description = "Policy document for the node role, on top of what EKS needs."
  type        = string
  default     = null
}

variable "node_ports" {
  type    = list(number)
  default = []
}

variable "load_balancer_security_group_id" {
  type = string
}

variable "ssh_public_key" {
  type = string
}

variable "api_cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

variable "addons" {
  type    = map(string)
  default = { vpc-cni = "v1.19.2-eksbuild.1", coredns = "v1.11.4-eksbuild.2" }
}
