// Package data holds the controls of what the platform stores: encryption and
// its keys, S3 buckets, card numbers, data classes, retention, backups,
// regions and secrets.
//
// A store here is what keeps business data: databases, caches, streams,
// tables, buckets, file systems, search domains, warehouses. Its data class is
// the value of a tag such as data-class or Classification.
//
// What it renders of a declaration (declare.go) are the keys that every layer
// seals with, the stores, the backups in two regions and the tests that restore
// them, the search for data in buckets, and the workflow that exports and erases
// a person's data. There are no secrets among it: RDS makes and rotates the master
// passwords of databases, and services log in to databases, caches and streams
// with tokens of IAM. What no API of AWS does (the users inside a database, the
// topics of a stream) is rendered as files below stores/, to be run by people.
//
// It does not say from where a store can be reached, which is the layer
// network's business, nor whether connections to it are encrypted, which is
// the layer mesh's.
package data
