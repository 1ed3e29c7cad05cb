//go:build race

package crstest

const raced = true
