# The settings of this place, where people with a right to them find them; `terraform output` prints the same.
resource "scaleway_secret" "settings" {
  name        = "${var.name}-settings"
  project_id  = var.project_id
  description = "What `cos deploy` reads: save it as .env"
}

resource "scaleway_secret_version" "settings" {
  secret_id   = scaleway_secret.settings.id
  data        = local.settings
  description = "Made by Terraform"
}
