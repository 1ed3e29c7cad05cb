package dialect

import (
	"slices"

	"fathom/engine/webacl"
	"fathom/estate"
)

// protected are the resources that a web ACL stands in front of, and of what kind
// they are.
func (x *estateReader) protected(w *estate.WebACL) (kinds []webacl.Resource, ids []estate.ID) {
	for _, d := range estate.Of[*estate.Distribution](x.e, w.ID) {
		if d.WebACL.Is(w.ID) {
			kinds, ids = append(kinds, webacl.Distribution), append(ids, d.ID)
		}
	}
	for _, a := range estate.Of[*estate.WebACLAssociation](x.e, w.ID) {
		if !a.WebACL.Is(w.ID) {
			continue
		}
		if len(a.Resource.To) == 0 {
			kinds = append(kinds, resourceOfARN(a.Resource.String()))
		}
		for _, id := range a.Resource.To {
			res, _ := estate.Get[estate.Resource](x.e, id)
			kinds, ids = append(kinds, kindOfResource(res)), append(ids, id)
		}
	}
	slices.SortFunc(ids, estate.ID.Compare)
	return kinds, slices.Compact(ids)
}

// kindOfResource says what kind of resource that a web ACL can protect one is.
func kindOfResource(res estate.Resource) webacl.Resource {
	if res == nil {
		return webacl.AnyResource
	}
	switch res.Meta().Type {
	case "aws_lb", "aws_alb":
		return webacl.LoadBalancer
	case "aws_api_gateway_stage", "aws_api_gateway_rest_api", "aws_apigatewayv2_api":
		return webacl.APIGateway
	case "aws_appsync_graphql_api":
		return webacl.AppSync
	case "aws_cognito_user_pool":
		return webacl.Cognito
	case "aws_apprunner_service":
		return webacl.AppRunner
	case "aws_verifiedaccess_instance":
		return webacl.VerifiedAccess
	case "aws_amplify_app":
		return webacl.Amplify
	case "aws_cloudfront_distribution":
		return webacl.Distribution
	}
	return webacl.AnyResource
}
