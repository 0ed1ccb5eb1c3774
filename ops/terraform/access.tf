# Who the parts are at Scaleway: they may use the two buckets, and nothing else.
resource "scaleway_iam_application" "parts" {
  name        = "${var.name}-parts"
  description = "The running parts of a Chief of Staff"
}

resource "scaleway_iam_policy" "parts" {
  name           = "${var.name}-parts"
  application_id = scaleway_iam_application.parts.id

  rule {
    project_ids          = [var.project_id]
    permission_set_names = ["ObjectStorageObjectsRead", "ObjectStorageObjectsWrite", "ObjectStorageObjectsDelete"]
  }
}

resource "scaleway_iam_api_key" "parts" {
  application_id     = scaleway_iam_application.parts.id
  default_project_id = var.project_id
  description        = "Object storage for the ledger of ${var.name}"
}

# The first keys of the ledger, and what signs the panel's cookies.
resource "random_password" "keys" {
  for_each = toset(["admin", "agent", "reader", "panel", "webhook"])
  length   = 64
  special  = false
}
