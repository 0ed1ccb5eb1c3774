# Database and Redis have no address in the internet: what may reach them is in this network.
resource "scaleway_vpc" "main" {
  name       = var.name
  project_id = var.project_id
}

resource "scaleway_vpc_private_network" "main" {
  name       = var.name
  project_id = var.project_id
  vpc_id     = scaleway_vpc.main.id

  ipv4_subnet {
    subnet = "172.16.20.0/22"
  }
}
