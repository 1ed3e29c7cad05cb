//go:build !race

package crstest

const raced = false
