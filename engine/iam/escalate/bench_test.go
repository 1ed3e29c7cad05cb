package escalate_test

import (
	"fmt"
	"testing"

	"fathom/engine/iam/access"
	"fathom/engine/iam/escalate"
	"fathom/estate"
)

// generated makes an account with so many users and roles, some of whom can
// raise their privileges.
func generated(t *testing.T, principals int) *estate.Estate {
	w := newWorld(t, "user", allow("s3:GetObject", "*"))
	services := []string{"lambda.amazonaws.com", "ec2.amazonaws.com", "codebuild.amazonaws.com", "ecs-tasks.amazonaws.com"}
	for i := range principals / 2 {
		name := fmt.Sprint("r", i)
		trust := allow("sts:AssumeRole", "", "Service", services[i%len(services)])
		if i%10 == 0 {
			trust = w.trust([]string{"trusting", "eve"})
		}
		statements := []string{allow("s3:GetObject s3:PutObject", fmt.Sprintf("arn:aws:s3:::b%d/*", i)), allow("logs:*", "*")}
		switch i % 50 {
		case 1:
			statements = append(statements, allow("iam:PassRole lambda:* ec2:*", "*"))
		case 2:
			statements = append(statements, allow("sts:AssumeRole", arn("role/r1*")))
		case 3:
			statements = append(statements, everything)
		}
		w.role(name, trust, statements...)
		user := fmt.Sprint("u", i)
		w.add(&estate.User{Base: w.base("aws_iam_user", "aws_iam_user."+user), UserName: known(user)})
		s := allow("ec2:Describe* s3:ListBucket", "*")
		if i%40 == 0 {
			s = allow("iam:* sts:AssumeRole", "*")
		}
		w.add(&estate.UserPolicy{Base: w.base("aws_iam_user_policy", "aws_iam_user_policy."+user), User: ref[*estate.User](user), Policy: w.policy(doc(s))})
	}
	return estate.New(w.resources, nil, nil, nil)
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{100, 500} {
		e := generated(&testing.T{}, n)
		b.Run(fmt.Sprintf("principals=%d", n), func(b *testing.B) {
			paths := 0
			for b.Loop() {
				paths = len(escalate.Find(e, access.New(e), escalate.Options{}))
			}
			b.ReportMetric(float64(paths), "paths")
		})
	}
}
