resource "aws_db_instance" "orders" {
  identifier          = "orders"
  publicly_accessible = true
  engine              = "postgres"
  tags = {
    Name                 = "<script>alert(window.pwned = true)</script>"
    data-class           = "personal <img src=x onerror='window.pwned = true'>"
    "fathom:crown-jewel" = "true"
  }
}
