# A place for a Chief of Staff at Scaleway: network, data, registry, secrets. `cos deploy` puts the parts into it.
terraform {
  required_version = ">= 1.9"

  required_providers {
    scaleway = {
      source  = "scaleway/scaleway"
      version = "~> 2.80"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

# The keys come from SCW_ACCESS_KEY, SCW_SECRET_KEY and SCW_DEFAULT_PROJECT_ID.
provider "scaleway" {
  region = var.region
  zone   = "${var.region}-1"
}
