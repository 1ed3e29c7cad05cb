//go:build !race

package webacl_test

const raceEnabled = false
