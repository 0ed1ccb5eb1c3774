locals {
  database = scaleway_rdb_instance.main.private_network[0]
  redis    = one(scaleway_redis_cluster.main.private_network)

  settings = join("\n", [
    "# The place that Terraform made; `cos deploy` reads this. Add the model's key and Telegram's token below.",
    "DEPLOY_NAMESPACE=${element(split("/", scaleway_container_namespace.main.id), 1)}",
    "DEPLOY_REGISTRY=${scaleway_registry_namespace.main.endpoint}",
    "DEPLOY_PRIVATE_NETWORK=${element(split("/", scaleway_vpc_private_network.main.id), 1)}",
    "DEPLOY_REGION=${var.region}",
    "DATABASE_URL=postgresql://cos:${local.database_password}@${local.database.ip}:${local.database.port}/cos",
    "REDIS_URL=redis://cos:${local.redis_password}@${local.redis.ips[0]}:${local.redis.port}/0",
    "LEDGER_ARTIFACTS=s3://${scaleway_object_bucket.artifacts.name}/artifacts",
    "AWS_ACCESS_KEY_ID=${scaleway_iam_api_key.parts.access_key}",
    "AWS_SECRET_ACCESS_KEY=${scaleway_iam_api_key.parts.secret_key}",
    "AWS_REGION=${var.region}",
    "AWS_ENDPOINT_URL=https://s3.${var.region}.scw.cloud",
    "LEDGER_BOOTSTRAP_ADMIN_KEY=${random_password.keys["admin"].result}",
    "LEDGER_BOOTSTRAP_AGENT_KEY=${random_password.keys["agent"].result}",
    "LEDGER_BOOTSTRAP_READER_KEY=${random_password.keys["reader"].result}",
    "UI_STORAGE_SECRET=${random_password.keys["panel"].result}",
    "TELEGRAM_WEBHOOK_SECRET=${random_password.keys["webhook"].result}",
    "",
  ])
}

output "settings" {
  description = "terraform output -raw settings > .env"
  value       = local.settings
  sensitive   = true
}

output "registry" {
  description = "docker login, then `cos deploy --build`"
  value       = scaleway_registry_namespace.main.endpoint
}

output "backups" {
  description = "cos backup s3://…/NAME"
  value       = "s3://${scaleway_object_bucket.backups.name}"
}

output "cockpit" {
  description = "Where metrics and traces are pushed to, with the token's key as X-Token."
  value = {
    metrics = scaleway_cockpit_source.metrics.push_url
    traces  = scaleway_cockpit_source.traces.push_url
  }
}

output "cockpit_token" {
  description = "The key for it."
  value       = scaleway_cockpit_token.parts.secret_key
  sensitive   = true
}

output "workers" {
  description = "Addresses of the machines for seed workers."
  value       = [for ip in scaleway_instance_ip.workers : ip.address]
}
