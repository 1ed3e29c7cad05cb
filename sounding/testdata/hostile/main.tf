resource "aws_db_instance" "orders" {
  identifier          = "orders"
  publicly_accessible = true
  engine              = "postgres"
  tags = {
    data-class           = "personal <script>alert(window.pwned = true)</script><img src=x onerror='window.pwned = true'>"
    "fathom:crown-jewel" = "true"
  }
}
