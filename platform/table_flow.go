package platform

var dataShape = rec(
	must("class", oneOf(string(Public), string(Internal), string(Personal), string(Health), string(Cardholder)), "How sensitive it is."),
	opt("tokenise", aName, "The service that alone sees the real values."),
	opt("erase", rec(
		must("by", texts("who asks", `^[a-z][a-z0-9 -]{0,62}$`, "customer"), "Who may have it erased."),
		must("within", lasts(hour, 90*day, "30d"), "Within what time."),
	), "Who may have it erased, and within what time."),
	opt("keep", lasts(day, 30*year, "730d"), "How long it may be kept."),
)

var requestShape = texts(`a request`, `^[^\s]+( [^\s]+)?$`, `"POST /charge"`)

var serviceShape = rec(
	must("image", image, "The image, by digest: shop/orders@sha256:… without a registry, which is the account's own."),
	opt("run", sentence, "The command that starts it in the lab."),
	must("owner", team, "The team."),
	opt("namespace", aName, "The Kubernetes namespace; the platform's name where not declared, and the service's own name where it stands apart."),
	opt("port", whole(1024, 65535), "Where it listens; 8080 where not declared."),
	opt("protocol", oneOf("http", "grpc", "tcp"), "What it speaks; http where not declared."),
	opt("health", path, "The path of its probes; /healthz where not declared."),
	opt("replicas", bounds(1, 1000), "The bounds of its autoscaler; 2 to 10 where not declared."),
	opt("cpu", texts("an amount of CPU", `^([1-9][0-9]{0,5}m|[1-9][0-9]{0,2}(\.[0-9])?|0\.[1-9])$`, "250m"), "What one pod asks for; 250m where not declared."),
	opt("memory", texts("an amount of memory", `^[1-9][0-9]{0,5}(Mi|Gi|M|G)$`, "256Mi"), "What one pod asks for, and its limit; 256Mi where not declared."),
	opt("calls", named("a name of a service", many(requestShape)), "The services it calls, each with its requests: METHOD PATH; [] is every request."),
	opt("stores", named("a name of a store", useShape), "The stores it uses: read, write (which includes read), or topics of a stream."),
	opt("handles", many(dataName), "The data it sees."),
	opt("aws", many(texts("a permission", `^[A-Za-z0-9:*?-]+( ?, ?[A-Za-z0-9:*?-]+)* on [A-Za-z0-9_./:=+@,*?-]+$`, `"s3:GetObjectVersion on invoices/*"`)), "Permissions besides those that its stores imply: ACTIONS on STORE, STORE/PATH or an ARN."),
	opt("egress", many(rec(
		must("host", texts("a host name", `^[^\s]+$`, "api.psp.example"), "The host's name."),
		must("port", whole(1, 65535), "Its port."),
		opt("addresses", some(cidr), "Its networks, where they are known: then nothing else is let through."),
	)), "The hosts outside that it calls."),
	opt("isolate", yes, "It stands apart: in a namespace, on nodes and in subnets of its own."),
	opt("sessionTags", yes, "Its credentials carry tags: Pod Identity in place of IRSA."),
)

var useShape = &shape{form: either, or: []*shape{
	oneOf("read", "write"),
	rec(
		opt("produce", some(topicName), "Topics that it writes."),
		opt("consume", some(topicName), "Topics that it reads."),
	),
}}

var storeShape = rec(
	must("engine", oneOf(string(Postgres), string(MySQL), string(Redis), string(Kafka), string(S3)), "What it is."),
	must("owner", team, "The team."),
	opt("version", engineVersion, "The version of the engine, in quotes; a supported one where not declared."),
	opt("size", instance, "The type of its instances; a small one where not declared."),
	opt("holds", many(dataName), "The data in it."),
	opt("key", oneOf("own", "shared"), "own: a key that nothing else uses; shared where not declared."),
	opt("isolate", yes, "It stands apart, in subnets of its own; so does every service that uses it."),
	opt("backup", rec(
		must("every", lasts(hour, day, "1h"), "How often."),
		must("keep", lasts(day, 10*year, "35d"), "How long one is kept."),
		must("immutable", lasts(day, 10*year, "14d"), "How long nobody can delete it."),
	), "How it is backed up; a database has to be."),
	opt("lock", rec(
		must("mode", oneOf("compliance", "governance"), "compliance: nobody can delete; governance: with a permission of its own."),
		must("keep", lasts(day, 30*year, "400d"), "How long."),
	), "S3 Object Lock for the objects of a bucket."),
	opt("keep", lasts(day, 30*year, "2y"), "How long objects of a bucket are kept."),
	opt("topics", &shape{form: names, pattern: topicName.pattern, what: "a topic's name", of: rec(
		opt("keep", lasts(minute, 365*day, "7d"), "How long records are kept; 7d where not declared."),
		opt("partitions", whole(1, 1000), "How many partitions; 3 where not declared."),
	)}, "The topics of a stream."),
)
