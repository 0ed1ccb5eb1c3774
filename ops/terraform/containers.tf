resource "scaleway_registry_namespace" "main" {
  name       = var.name
  project_id = var.project_id
  is_public  = false
}

# Empty at first: the containers in it are made, updated and taken back by `cos deploy`.
resource "scaleway_container_namespace" "main" {
  name        = var.name
  project_id  = var.project_id
  description = "Chief of Staff"
}
