package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A cloud is the little that resources know of each other.
type cloud struct {
	lock sync.Mutex
	seen map[string]int    // resources that look the same, by their hash
	vpcs map[string]string // the VPC of each subnet
}

func newCloud() *cloud {
	return &cloud{seen: map[string]int{}, vpcs: map[string]string{}}
}

// seed is the hash that everything made up about a resource comes from. Two
// resources that look the same get different ones, so that their ids differ.
func (c *cloud) seed(k *kind, v tftypes.Value) string {
	sum := sha256.Sum256([]byte(k.name + "\n" + fingerprint(v)))
	seed := hex.EncodeToString(sum[:])

	c.lock.Lock()
	defer c.lock.Unlock()
	c.seen[seed]++
	return fmt.Sprint(seed, c.seen[seed])
}

// note remembers where a new subnet lies.
func (c *cloud) note(f *filler) {
	if f.kind.name != "aws_subnet" {
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.vpcs[f.named("id")] = f.named("vpc_id")
}

// vpc is the VPC of the subnets that a resource names anywhere, or else one
// that is made up: the default VPC of the account, say.
func (f *filler) vpc(path string) string {
	var leaves []string
	_ = tftypes.Walk(tftypes.NewValue(f.kind.typ, f.root), func(_ *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if s, ok := text(v); ok {
			leaves = append(leaves, s)
		}
		return true, nil
	})
	slices.Sort(leaves)

	f.cloud.lock.Lock()
	defer f.cloud.lock.Unlock()
	for _, s := range leaves {
		if vpc := f.cloud.vpcs[s]; vpc != "" {
			return vpc
		}
	}
	return f.expand(path, "vpc-{hex:17}")
}
