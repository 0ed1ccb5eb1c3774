# Letters and digits, as they stand in URLs; the - at the end is the special sign that Scaleway asks for.
locals {
  database_password = "${random_password.database.result}-"
  redis_password    = "${random_password.redis.result}-"
}

resource "random_password" "database" {
  length      = 40
  special     = false
  min_lower   = 1
  min_upper   = 1
  min_numeric = 1
}

resource "random_password" "redis" {
  length      = 40
  special     = false
  min_lower   = 1
  min_upper   = 1
  min_numeric = 1
}

resource "scaleway_rdb_instance" "main" {
  name                      = var.name
  project_id                = var.project_id
  engine                    = "PostgreSQL-16"
  node_type                 = var.database_node
  volume_type               = "sbs_5k"
  volume_size_in_gb         = var.database_gb
  is_ha_cluster             = var.highly_available
  encryption_at_rest        = true
  user_name                 = "cos"
  password                  = local.database_password
  backup_schedule_frequency = 24
  backup_schedule_retention = 14

  private_network {
    pn_id       = scaleway_vpc_private_network.main.id
    enable_ipam = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "scaleway_rdb_database" "main" {
  instance_id = scaleway_rdb_instance.main.id
  name        = "cos"
}

resource "scaleway_rdb_privilege" "main" {
  instance_id   = scaleway_rdb_instance.main.id
  user_name     = "cos"
  database_name = scaleway_rdb_database.main.name
  permission    = "all"
}

# Three nodes would be a cluster of shards, which streams over several keys cannot use: one, or one with a standby.
resource "scaleway_redis_cluster" "main" {
  name         = var.name
  project_id   = var.project_id
  version      = "7.0.5"
  node_type    = var.redis_node
  cluster_size = var.highly_available ? 2 : 1
  user_name    = "cos"
  password     = local.redis_password
  tls_enabled  = false # it is reached inside the private network alone

  # What nobody has answered yet lies here: it is never thrown out to make room.
  settings = {
    "maxmemory-policy" = "noeviction"
  }

  private_network {
    id = scaleway_vpc_private_network.main.id
  }
}

resource "scaleway_object_bucket" "artifacts" {
  name       = "${var.name}-artifacts"
  project_id = var.project_id

  versioning {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "scaleway_object_bucket" "backups" {
  name       = "${var.name}-backups"
  project_id = var.project_id

  lifecycle_rule {
    id      = "old"
    enabled = true

    expiration {
      days = var.keep_backups_days
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
