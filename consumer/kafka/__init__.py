"""The Kafka edge and the schema registry: with these, the only importers of `confluent_kafka`."""
