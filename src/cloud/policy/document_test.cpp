#include "cloud/policy/document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cloud/policy/policy_test_requests.h"

namespace sightline::policy::test {
namespace {

std::string managed(std::string_view statement) {
  return fmt::format(R"({{"Version":"2012-10-17","Statement":{}}})", statement);
}
std::string managed_fault(std::string_view statement) {
  return fault_of(managed(statement), DocumentKind::managed);
}

constexpr std::string_view kSyntaxErrors = "Syntax errors in policy.";
constexpr std::string_view kLegacyParsing = "The policy failed legacy parsing";

TEST(Document, Accepts) {
  for (
      const char* statement :
      {R"({"Effect":"Allow","Action":"iam: asdf ","Resource":["arn:aws:s3:::b","*",null]})",
       R"({"Effect":"Allow","NotAction":"s3:ListBucket","NotResource":"*"})",
       R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:fdsasf"})",
       R"({"Effect":"Allow","Action":"s3-s.x:L","Resource":"arn:aws:iam:::user/b"})",
       R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:us-west-2:123456789012:accesspoint/p/object/*"})",
       R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"x":{},"DateGreaterThan":{"a":[],"b":"01T"}}})",
       R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a":true},"NumericEquals":{"b":[1,2.5]}}})",
       R"([{"Sid":"","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"","Effect":"Deny","Action":"s3:*","Resource":"*"}])"})
    EXPECT_EQ(managed_fault(statement), "") << statement;
}

TEST(Document, SyntaxErrors) {
  for (const char* text :
       {"", "no JSON", "[]", "1", R"({"Version":"2012-10-17"})",
        R"({"Version":"2012-10-17","Statement":["a"]})", R"({"Version":"2012-10-17","Statement":[]})",
        R"({"Version":"2013-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
        R"({"Version":"2012-10-17","Id":{},"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
        R"({"Version":"2012-10-17","Extra":1,"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})"})
    EXPECT_EQ(fault_of(text, DocumentKind::managed), kSyntaxErrors) << text;
  for (
      const char* statement :
      {R"({"Action":"*","Resource":"*"})", R"({"Effect":"Perhaps","Action":"*","Resource":"*"})",
       R"({"Effect":"Allow","Action":{},"Resource":"*"})",
       R"({"Effect":"Allow","Action":[[]],"Resource":"*"})",
       R"({"Effect":"Allow","Action":"*","NotAction":[],"Resource":"*"})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Extra":1})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Sid":[]})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":[]})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"a":"b"}})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"x":{"a":"1"}}})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"a":{}}}})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":[[]]}}})",
       R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAnyValue::StringEquals":{"a":"b"}}})"})
    EXPECT_EQ(managed_fault(statement), kSyntaxErrors) << statement;
}

TEST(Document, FaultsInAwsWords) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"Effect":"Allow","Action":"invalid","Resource":"*"})",
       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
      {R"({"Effect":"Allow","Action":"a a:L","Resource":"*"})", "Vendor a a is not valid"},
      {R"({"Effect":"Allow","Action":"s3:List:Bucket","Resource":"*"})",
       "Actions/Condition can contain only one colon."},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"sdf"})",
       R"(Resource sdf must be in ARN format or "*".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":""})", R"(Resource  must be in ARN format or "*".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"a:bs"})",
       R"(Partition "bs" is not valid for resource "arn:bs:*:*:*:*".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"a:b:c"})",
       R"(Partition "b" is not valid for resource "arn:b:c:*:*:*".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"a:b:c:d:e:f:g:h"})",
       R"(Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"aws:s3:::example"})",
       R"(Partition "s3" is not valid for resource "arn:s3:::example:*".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":["arn:error:s3:::e","arn:error:s3::e"]})",
       R"(Partition "error" is not valid for resource "arn:error:s3:::e".)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws"})",
       "Resource vendor must be fully qualified and cannot contain regexes."},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws:iam:::b"})",
       R"(IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, )"
       R"(server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.)"},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws:iam:us-east-1::b"})",
       "IAM resource arn:aws:iam:us-east-1::b cannot contain region information."},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws:s3:us-east-1::b"})",
       "Resource arn:aws:s3:us-east-1::b can not contain region information."},
      {R"({"Effect":"Allow","Action":"s3:L"})", "Policy statement must contain resources."},
      {R"({"Effect":"Allow","Action":"s3:L","Resource":[]})", "Policy statement must contain resources."},
      {R"({"Effect":"Allow","Resource":"*"})", "Policy statement must contain actions."},
      {R"({"Effect":"Allow","Action":[],"Resource":"*"})", "Policy statement must contain actions."},
      {R"([{"Sid":"s","Effect":"Allow","Action":"s3:L","Resource":"*"},{"Sid":"s","Effect":"Allow"}])",
       "Statement IDs (SID) in a single policy must be unique."},
      {R"({"Effect":"Allow","Principal":"*","Action":"s3:L","Resource":"*"})",
       "Policy document should not specify a principal."},
  };
  for (const auto& [statement, fault] : cases) EXPECT_EQ(managed_fault(statement), fault) << statement;
}

TEST(Document, LegacyParsing) {
  for (
      const char* statement :
      {R"({"Effect":"denY","Action":"s3:L","Resource":"*"})",
       R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws:s3::e"})",
       R"({"Effect":"Allow","Resource":"arn:aws:s3::e"})",
       R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws::::e"})",
       R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:aws::fdsasf"})",
       R"({"Effect":"Allow","Action":"s3:L","Resource":"*","Condition":{"DateLessThan":{"a":"9223372036854775808"}}})",
       R"({"Effect":"Allow","Action":"s3:L","Resource":"arn:error:s3:::e","Condition":{"DateLessThan":{"a":"soon"}}})"})
    EXPECT_EQ(managed_fault(statement), kLegacyParsing) << statement;
}

TEST(Document, OnlyManagedPoliciesNeedAVersion) {
  constexpr std::string_view old =
      R"({"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
  constexpr std::string_view none = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
  for (const std::string_view text : {old, none}) {
    EXPECT_EQ(fault_of(text, DocumentKind::managed),
              "Policy document must be version 2012-10-17 or greater.");
    EXPECT_EQ(fault_of(text, DocumentKind::identity), "");
    EXPECT_EQ(fault_of(text, DocumentKind::session), "");
  }
}

TEST(Document, TrustPolicies) {
  const auto fault = [](std::string_view statement) {
    return fault_of(managed(statement), DocumentKind::trust);
  };
  EXPECT_EQ(
      fault(
          R"({"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]})"),
      "");
  EXPECT_EQ(
      fault(
          R"({"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::1:oidc-provider/x"},"Action":"sts:AssumeRoleWithWebIdentity"})"),
      "");
  EXPECT_EQ(fault_of("no JSON", DocumentKind::trust), "This policy contains invalid Json");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject"})"),
            "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and "
            "sts:AssumeRoleWithWebIdentity");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"})"),
            "Has prohibited field Resource");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Action":"sts:AssumeRole"})"), "Missing required field Principal");
  EXPECT_EQ(
      fault(R"({"Effect":"Allow","Principal":{"AWS":["111122223333","anna"]},"Action":"sts:AssumeRole"})"),
      R"(Invalid principal in policy: "AWS":"anna")");
  EXPECT_EQ(
      fault(
          R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/*"},"Action":"sts:AssumeRole"})"),
      R"(Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*")");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":{"Somebody":"x"},"Action":"sts:AssumeRole"})"),
            R"(Invalid principal in policy: "Somebody")");
}

TEST(Document, ResourcePoliciesInS3Words) {
  const auto fault = [](std::string_view statement) {
    return fault_of(managed(statement), DocumentKind::resource);
  };
  constexpr std::string_view kNoJson = "Policies must be valid JSON and the first byte must be '{'";
  EXPECT_EQ(
      fault(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"})"),
      "");
  EXPECT_EQ(fault_of("invalid json", DocumentKind::resource), kNoJson);
  EXPECT_EQ(fault_of("", DocumentKind::resource), kNoJson);
  EXPECT_EQ(fault_of("{}", DocumentKind::resource), "Missing required field Statement");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*"})"),
            "Missing required field Principal");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"*","Resource":"*"})"), "Missing required field Action");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject"})"),
            "Missing required field Resource");
  EXPECT_EQ(fault(R"({"Principal":"*","Action":"s3:GetObject","Resource":"*"})"),
            "Missing required field Effect");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"anna","Action":"s3:GetObject","Resource":"*"})"),
            "Invalid principal in policy");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"*","Action":"s3","Resource":"*"})"),
            "Policy has invalid action");
  EXPECT_EQ(fault(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"b"})"),
            "Policy has invalid resource");
}

TEST(Document, Hostile) {
  // A name twice, so that two readers may see two policies.
  EXPECT_EQ(
      fault_of(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}})",
          DocumentKind::managed),
      kSyntaxErrors);
  EXPECT_EQ(
      fault_of(
          R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","\u0045ffect":"Allow","Action":"*","Resource":"*"}})",
          DocumentKind::managed),
      kSyntaxErrors);
  EXPECT_EQ(managed_fault("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Sid\":\"\xFF\"}"),
            kSyntaxErrors);
  EXPECT_EQ(managed_fault(R"({"Effect":"Allow","Action":"*","Resource":"*","Sid":"\ud800"})"), kSyntaxErrors);
  // A Cyrillic A is no A.
  EXPECT_EQ(managed_fault("{\"Effect\":\"\xD0\x90llow\",\"Action\":\"*\",\"Resource\":\"*\"}"),
            kSyntaxErrors);
  // Neither is a fullwidth s a letter of a vendor.
  EXPECT_EQ(managed_fault("{\"Effect\":\"Allow\",\"Action\":\"\xEF\xBD\x93q:*\",\"Resource\":\"*\"}"),
            "Vendor \xEF\xBD\x93q is not valid");
  for (const char* brackets : {"[", "{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += brackets;
    EXPECT_EQ(fault_of(deep, DocumentKind::managed), kSyntaxErrors);
  }
  std::string many = "[";
  for (int i = 0; i < 40'000; ++i) many += "1,";
  EXPECT_EQ(managed_fault(many + "1]"), kSyntaxErrors);
  std::string actions = R"({"Effect":"Allow","Resource":"*","Action":["s3:*")";
  for (int i = 0; i < 15'000; ++i) actions += R"(,"s3:*")";
  EXPECT_EQ(fault_of(managed(actions + "]}"), DocumentKind::identity, 131'072), "");
}

TEST(Document, SizesAreCountedAsAwsCounts) {
  const std::string text =
      managed("{\n  \"Effect\": \"Allow\",\n\t\"Action\": \"s3:*\", \"Resource\": \"*\" }");
  const std::size_t counted = size_of(text).counted;
  EXPECT_LT(counted, text.size());
  const auto problem = [&](DocumentKind kind, std::size_t room) {
    const auto document = Document::parse(text, kind, room);
    return document ? Problem::internal : document.error().problem;
  };
  EXPECT_EQ(problem(DocumentKind::identity, counted), Problem::internal);
  EXPECT_EQ(problem(DocumentKind::identity, counted - 1), Problem::too_large);
  EXPECT_EQ(problem(DocumentKind::resource, text.size() - 1), Problem::too_large);
  EXPECT_EQ(problem(DocumentKind::resource, text.size()), Problem::malformed);
  EXPECT_EQ(
      Document::parse(text + std::string(200'000, ' '), DocumentKind::identity, counted).error().problem,
      Problem::too_large);
}

TEST(Document, WhiteSpaceIsNotCountedAndYetBounded) {
  const std::string text = managed(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
  const std::size_t counted = size_of(text).counted;
  const auto taken = [&](DocumentKind kind, std::size_t bytes) {
    return Document::parse(text + std::string(bytes - text.size(), ' '), kind, counted).has_value();
  };
  EXPECT_TRUE(taken(DocumentKind::managed, 4 * counted));
  EXPECT_FALSE(taken(DocumentKind::managed, 4 * counted + 4));
  // A character of four bytes is one of those that are counted.
  EXPECT_EQ(size_of("\U0001F600 ").counted, 1U);
  EXPECT_EQ(size_of("\U0001F600 ").bytes, 5U);
}

}  // namespace
}  // namespace sightline::policy::test
