# Generated tools run in bubblewrap, which needs a kernel of one's own: machines for those who want that.
resource "scaleway_instance_security_group" "workers" {
  name                    = "${var.name}-workers"
  project_id              = var.project_id
  inbound_default_policy  = "drop"
  outbound_default_policy = "accept"

  dynamic "inbound_rule" {
    for_each = var.ssh_from

    content {
      action   = "accept"
      protocol = "TCP"
      port     = 22
      ip_range = inbound_rule.value
    }
  }
}

resource "scaleway_instance_ip" "workers" {
  count      = var.workers
  project_id = var.project_id
}

resource "scaleway_iam_application" "workers" {
  count = var.workers > 0 ? 1 : 0
  name  = "${var.name}-workers"
}

resource "scaleway_iam_policy" "workers" {
  count          = var.workers > 0 ? 1 : 0
  name           = "${var.name}-workers"
  application_id = scaleway_iam_application.workers[0].id

  rule {
    project_ids          = [var.project_id]
    permission_set_names = ["ContainerRegistryReadOnly"]
  }
}

resource "scaleway_iam_api_key" "workers" {
  count          = var.workers > 0 ? 1 : 0
  application_id = scaleway_iam_application.workers[0].id
  description    = "Fetches the seed's image"
}

resource "scaleway_instance_server" "workers" {
  count             = var.workers
  name              = "${var.name}-worker-${count.index + 1}"
  project_id        = var.project_id
  type              = var.worker_type
  image             = "debian_bookworm"
  security_group_id = scaleway_instance_security_group.workers.id
  ip_ids            = [scaleway_instance_ip.workers[count.index].id]

  root_volume {
    size_in_gb = 20
  }

  user_data = {
    cloud-init = templatefile("${path.module}/worker.yaml.tftpl", {
      image        = "${scaleway_registry_namespace.main.endpoint}/chief-of-staff-seed:${var.worker_release}"
      registry     = split("/", scaleway_registry_namespace.main.endpoint)[0]
      registry_key = scaleway_iam_api_key.workers[0].secret_key
      ledger_url   = var.ledger_url
      ledger_key   = random_password.keys["agent"].result
      name         = "worker-${count.index + 1}"
      model        = var.worker_model_settings
    })
  }

  lifecycle {
    precondition {
      condition     = var.ledger_url != ""
      error_message = "Workers need ledger_url: run `cos deploy` first, which prints it."
    }
  }
}
