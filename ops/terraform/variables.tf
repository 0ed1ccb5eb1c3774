variable "name" {
  description = "What everything here is called; the registry and the buckets need one that nobody else has."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,40}$", var.name))
    error_message = "Small letters, digits and -, beginning with a letter; 3 to 41 signs."
  }
}

variable "project_id" {
  description = "The Scaleway project that pays for it."
  type        = string
}

variable "region" {
  description = "Where it runs."
  type        = string
  default     = "fr-par"

  validation {
    condition     = contains(["fr-par", "nl-ams", "pl-waw"], var.region)
    error_message = "Scaleway has fr-par, nl-ams and pl-waw."
  }
}

variable "database_node" {
  description = "Size of PostgreSQL."
  type        = string
  default     = "DB-DEV-S"
}

variable "database_gb" {
  description = "Room for the database, in gigabytes; it can grow, never shrink."
  type        = number
  default     = 10
}

variable "redis_node" {
  description = "Size of Redis."
  type        = string
  default     = "RED1-MICRO"
}

variable "highly_available" {
  description = "A standby for PostgreSQL and for Redis, at twice their price."
  type        = bool
  default     = false
}

variable "workers" {
  description = "Machines for seed workers, with the full sandbox. With 0, `cos deploy` runs the seed as a container."
  type        = number
  default     = 0
}

variable "worker_type" {
  description = "Size of such a machine."
  type        = string
  default     = "DEV1-M"
}

variable "worker_release" {
  description = "The release that they run, as `cos deploy` printed it."
  type        = string
  default     = "latest"
}

variable "ssh_from" {
  description = "Networks that may reach the workers by ssh, such as 203.0.113.7/32; empty: nobody."
  type        = list(string)
  default     = []
}

variable "keep_backups_days" {
  description = "After so many days, a backup in the bucket is removed."
  type        = number
  default     = 30
}

variable "ledger_url" {
  description = "Where the workers find the ledger, as `cos deploy` printed it."
  type        = string
  default     = ""
}

variable "worker_model_settings" {
  description = "The model of the workers: COS_MODEL and its key, as in .env.example."
  type        = map(string)
  default     = {}
  sensitive   = true
}
