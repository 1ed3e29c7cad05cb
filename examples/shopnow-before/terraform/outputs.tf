output "vpc_id" {
  value = module.vpc.vpc_id
}

output "load_balancer" {
  value = aws_lb.main.dns_name
}

output "bastion" {
  value = "ssh ubuntu@${aws_eip.bastion.public_ip}"
}

output "database_endpoints" {
  value = { for name, db in module.database : name => db.endpoint }
}

output "repositories" {
  value = { for name, r in aws_ecr_repository.image : name => r.repository_url }
}

output "ci_access_key" {
  value = {
    id     = aws_iam_access_key.ci.id
    secret = aws_iam_access_key.ci.secret
  }
  sensitive = true
}

output "kubeconfig" {
  value = "aws eks update-kubeconfig --region ${var.region} --name ${module.eks.cluster_name}"
}
