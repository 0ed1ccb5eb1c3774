# Where metrics and traces go; Grafana stands beside them at Scaleway.
resource "scaleway_cockpit_source" "metrics" {
  project_id     = var.project_id
  name           = "${var.name}-metrics"
  type           = "metrics"
  retention_days = 31
}

resource "scaleway_cockpit_source" "traces" {
  project_id     = var.project_id
  name           = "${var.name}-traces"
  type           = "traces"
  retention_days = 7
}

resource "scaleway_cockpit_token" "parts" {
  project_id = var.project_id
  name       = "${var.name}-parts"

  scopes {
    write_metrics = true
    write_logs    = true
    write_traces  = true
  }
}
