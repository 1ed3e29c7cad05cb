package cli

import (
	"fmt"
	"strings"

	"fathom/engine/iam/access"
	"fathom/engine/reach"
	"fathom/estate"
)

// estateWorld is an estate and the world of its policies.
type estateWorld struct {
	*access.World
	estate *estate.Estate
}

// resource finds what RESOURCE names, for the world: an ARN or an address, as
// it is; role/NAME and user/NAME; and the names that fathom reach knows, such
// as store/NAME, with what follows them.
func (w *estateWorld) resource(name string) (string, error) {
	_, _, err := w.World.Resource(name)
	if err == nil {
		return name, nil
	}
	if strings.HasPrefix(name, "role/") || strings.HasPrefix(name, "user/") {
		p, err := w.Principal(name)
		if err != nil {
			return "", err
		}
		if p.IAM.Role != "" {
			return p.IAM.Role, nil
		}
		return p.IAM.ARN, nil
	}
	net := reach.Of(w.estate)
	if _, called := net.Find(name, reach.To); called != nil && strings.HasPrefix(name, "store/") {
		err = called
	}
	for i := len(name); i > 0; i = strings.LastIndexByte(name[:i], '/') {
		place, found := net.Find(name[:i], reach.To)
		switch {
		case found == nil && place.Of != nil:
			addr := place.Of.Meta().ID.Addr + name[i:]
			if _, _, err := w.World.Resource(addr); err != nil {
				return "", err
			}
			return addr, nil
		case found != nil && strings.Contains(found.Error(), " may be "):
			return "", found
		}
	}
	return "", err
}

// aboutObjects warns that an action on the objects of a bucket was asked about
// the bucket: the answer would be another one than was meant.
func aboutObjects(action, arn string) string {
	a := strings.ToLower(action)
	if !strings.HasPrefix(a, "s3:") || !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":s3:::") || strings.Contains(arn, "/") {
		return ""
	}
	object := strings.Contains(a, "object") && !strings.Contains(a, "bucket") || a == "s3:abortmultipartupload" || a == "s3:listmultipartuploadparts"
	if !object {
		return ""
	}
	return fmt.Sprintf("%s is about objects, and %s is a bucket; put /* behind it to ask about any object of it", action, arn)
}
