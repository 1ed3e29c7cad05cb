package access

// subject is what the world knows of a principal.
type subject struct{}
