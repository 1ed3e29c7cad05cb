package dialect

import (
	"reflect"

	"fathom/engine/webacl"
)

// printConfig prints the configuration of the managed groups that take one.
func printConfig(s webacl.ManagedRef) members {
	c := &s.Config
	if reflect.ValueOf(*c).IsZero() && s.Name != "AWSManagedRulesBotControlRuleSet" {
		return nil
	}
	switch s.Name {
	case "AWSManagedRulesBotControlRuleSet":
		level := "COMMON"
		if c.Targeted {
			level = "TARGETED"
		}
		return members{"InspectionLevel": level, "EnableMachineLearning": !c.NoMachineLearning}
	case "AWSManagedRulesATPRuleSet":
		m := members{"LoginPath": c.LoginPath, "EnableRegexInPath": c.RegexInPath}
		if c.UsernameField != "" || c.PasswordField != "" {
			m["RequestInspection"] = printRequest(c)
		}
		putInspection(m, c.Response)
		return m
	case "AWSManagedRulesACFPRuleSet":
		m := members{
			"CreationPath": c.CreationPath, "RegistrationPagePath": c.RegistrationPath, "EnableRegexInPath": c.RegexInPath,
			"RequestInspection": printRequest(c),
		}
		putInspection(m, c.Response)
		return m
	case "AWSManagedRulesAntiDDoSRuleSet":
		return printAntiDDoS(c)
	}
	return nil
}

func printRequest(c *webacl.ManagedConfig) members {
	m := members{"PayloadType": "FORM_ENCODED"}
	if c.JSON {
		m["PayloadType"] = "JSON"
	}
	for name, id := range map[string]string{"UsernameField": c.UsernameField, "PasswordField": c.PasswordField, "EmailField": c.EmailField} {
		if id != "" {
			m[name] = members{"Identifier": id}
		}
	}
	for name, ids := range map[string][]string{"PhoneNumberFields": c.PhoneFields, "AddressFields": c.AddressFields} {
		var list []any
		for _, id := range ids {
			list = append(list, members{"Identifier": id})
		}
		if list != nil {
			m[name] = list
		}
	}
	return m
}

func putInspection(m members, i *webacl.ResponseInspection) {
	if i == nil {
		return
	}
	in := members{}
	switch {
	case i.Identifier != "":
		in["Json"] = members{"Identifier": i.Identifier, "SuccessValues": i.SuccessValues, "FailureValues": i.FailureValues}
	case i.Header != "":
		in["Header"] = members{"Name": i.Header, "SuccessValues": i.SuccessValues, "FailureValues": i.FailureValues}
	case i.SuccessStrings != nil || i.FailureStrings != nil:
		in["BodyContains"] = members{"SuccessStrings": i.SuccessStrings, "FailureStrings": i.FailureStrings}
	default:
		in["StatusCode"] = members{"SuccessCodes": i.SuccessCodes, "FailureCodes": i.FailureCodes}
	}
	m["ResponseInspection"] = in
}

func printAntiDDoS(c *webacl.ManagedConfig) members {
	challenge := members{"UsageOfAction": "ENABLED"}
	if c.ChallengeDisabled {
		challenge["UsageOfAction"] = "DISABLED"
	}
	put(challenge, "Sensitivity", c.ChallengeSensitivity)
	if len(c.ExemptURIs) > 0 {
		var list []any
		for _, s := range c.ExemptURIs {
			list = append(list, members{"RegexString": s})
		}
		challenge["ExemptUriRegularExpressions"] = list
	}
	m := members{"ClientSideActionConfig": members{"Challenge": challenge}}
	put(m, "SensitivityToBlock", c.BlockSensitivity)
	return m
}
