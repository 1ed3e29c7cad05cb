environment = "production"
domain      = "shopnow.example"

services = {
  orders   = { node_port = 30081 }
  payments = { node_port = 30082, priority = 20, paths = ["/payments/*", "/psp/callback"] }
  search   = { node_port = 30083, priority = 10, paths = ["/search/*", "/products/*"], health = "/ready" }
}

databases = {
  orders   = { instance_class = "db.r6g.large", instances = 2, pii = true }
  payments = { instance_class = "db.t4g.medium", pii = true }
}

node_groups = {
  general = { instance_types = ["m6i.xlarge"], min = 3, max = 12, desired = 4 }
  batch   = { instance_types = ["m6i.large", "m5.large"], min = 0, max = 6, desired = 1, spot = true }
}

# TODO move to Vault once it is there (PLAT-311)
db_password = "Sh0pN0w-Summer-2023"
psp_api_key = "psp_live_4f8c1d9e7a"

ssh_public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDshopnowops platform@shopnow"

office_cidrs = ["203.0.113.0/28", "198.51.100.17/32"]
alarm_email  = "platform@shopnow.example"
developers   = ["anna", "jonas"]
