variable "name" {}
variable "owner" {}

resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = { Owner = var.owner, Name = var.name }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration { status = "Enabled" }
}

output "id" { value = aws_s3_bucket.this.id }
output "arn" { value = aws_s3_bucket.this.arn }
