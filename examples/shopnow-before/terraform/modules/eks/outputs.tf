output "cluster_name" {
  value = aws_eks_cluster.this.name
}

output "node_security_group_id" {
  value = aws_security_group.node.id
}

output "node_role_arn" {
  value = aws_iam_role.node.arn
}

output "autoscaling_group_names" {
  value = { for name, g in aws_eks_node_group.this : name => g.resources[0].autoscaling_groups[0].name }
}
