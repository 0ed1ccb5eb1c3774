"""Files of tasks and conversations: the bytes (`store`) and what is known of them (`catalogue`)."""
