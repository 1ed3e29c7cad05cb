//go:build race

package webacl_test

const raceEnabled = true // sync.Pool drops at random
