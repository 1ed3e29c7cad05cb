resource "aws_security_group" "bastion" {
  name        = "${local.name}-bastion"
  description = "SSH jump host"
  vpc_id      = module.vpc.vpc_id

  ingress {
    description = "ssh, people work from home"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = { Name = "${local.name}-bastion" }
}

resource "aws_key_pair" "ops" {
  key_name   = "${local.name}-ops"
  public_key = var.ssh_public_key
}

resource "aws_instance" "bastion" {
  ami                         = var.bastion_ami
  instance_type               = "t3.small"
  subnet_id                   = module.vpc.public_subnet_ids[0]
  vpc_security_group_ids      = [aws_security_group.bastion.id]
  key_name                    = aws_key_pair.ops.key_name
  associate_public_ip_address = true

  user_data = templatefile("${path.module}/templates/bastion.sh", {
    packages = ["mysql-client", "redis-tools", "kafkacat"]
    hosts    = [for name, db in module.database : "${name} ${db.endpoint}"]
  })

  root_block_device {
    volume_size = 30
    encrypted   = false
  }

  lifecycle {
    ignore_changes = [ami]
  }

  tags = { Name = "${local.name}-bastion" }
}

resource "aws_eip" "bastion" {
  domain   = "vpc"
  instance = aws_instance.bastion.id
}
