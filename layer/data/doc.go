// Package data holds the controls of what the platform stores: encryption and
// its keys, S3 buckets, card numbers, data classes, retention, backups,
// regions and secrets.
//
// A store here is what keeps business data: databases, caches, streams,
// tables, buckets, file systems, search domains, warehouses. Its data class is
// the value of a tag such as data-class or Classification.
//
// It does not say from where a store can be reached, which is the layer
// network's business, nor whether connections to it are encrypted, which is
// the layer mesh's.
package data
