// How long a decision takes: a role's session with ten statements, a bucket with a policy, and texts made to
// be slow.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "cloud/policy/decision.h"
#include "cloud/policy/managed_policies.h"

namespace {

namespace policy = sightline::policy;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kNoLimit = 1U << 17U;

constexpr std::string_view kTenStatements = R"({"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
   "Resource": "arn:aws:logs:*:*:*"},
  {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
   "Resource": "arn:aws:sqs:us-east-1:111122223333:orders-*"},
  {"Effect": "Allow", "Action": "dynamodb:*Item", "Resource": "arn:aws:dynamodb:*:111122223333:table/orders",
   "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "${aws:PrincipalTag/tenant}"}}},
  {"Effect": "Allow", "Action": "rekognition:Detect*", "Resource": "*"},
  {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::pictures",
   "Condition": {"StringLike": {"s3:prefix": ["", "home/${aws:PrincipalTag/tenant}/*"]}}},
  {"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:us-east-1:111122223333:alerts"},
  {"Effect": "Allow", "NotAction": ["iam:*", "s3:*", "organizations:*"],
   "Resource": "arn:aws:states:*:*:execution:*"},
  {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::pictures/*",
   "Condition": {"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
  {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
   "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}},
  {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
   "Resource": "arn:aws:s3:::pictures/home/${aws:PrincipalTag/tenant}/*",
   "Condition": {"IpAddress": {"aws:SourceIp": ["192.168.0.0/16", "10.1.0.0/16"]}}}]})";

constexpr std::string_view kBucketPolicy = R"({"Version": "2012-10-17", "Statement": [
  {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::pictures", "arn:aws:s3:::pictures/*"],
   "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3:GetObject",
   "Resource": "arn:aws:s3:::pictures/public/*"}]})";

/// Microseconds of `count` decisions: of half of them at most, of nine in ten.
void measure(std::string_view what, const policy::Request& request, const policy::Policies& policies,
             int count) {
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(count));
  bool allowed = false;
  for (int i = 0; i < count; ++i) {
    const auto begin = Clock::now();
    allowed = policy::decide(request, policies).allowed();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::ranges::sort(times);
  fmt::print("{:40} {:9.2f} us p50 {:9.2f} us p90   {}\n", what, times[times.size() / 2],
             times[times.size() * 9 / 10], allowed ? "allowed" : "denied");
}

policy::Document document(std::string_view text, policy::DocumentKind kind) {
  auto parsed = policy::Document::parse(text, kind, kNoLimit);
  if (!parsed) {
    fmt::print(stderr, "{}\n", parsed.error().error.message);
    std::exit(1);
  }
  return std::move(*parsed);
}

}  // namespace

int main() {
  policy::Keys keys;
  policy::Request request;
  request.caller = {.kind = policy::CallerKind::session,
                    .account = "111122223333",
                    .arn = "arn:aws:sts::111122223333:assumed-role/worker/one",
                    .id = "AROAEXAMPLEEXAMPLE1:one",
                    .source_arn = "arn:aws:iam::111122223333:role/worker"};
  request.resource_account = "111122223333";
  request.keys = &keys;
  policy::Surroundings around;
  around.now = sightline::SystemClock().now();
  around.source_ip = "10.1.2.3";
  around.user_agent = "aws-cli/2.15.0 Python/3.11.6 Linux/6.1.0 exe/x86_64.debian.12";
  around.region = "us-east-1";
  around.secure = true;
  around.principal_tags = {{"tenant", "blue"}};
  policy::add_global_keys(request.caller, around, keys);

  const auto ten = document(kTenStatements, policy::DocumentKind::identity);
  const auto bucket = document(kBucketPolicy, policy::DocumentKind::resource);
  const std::vector<policy::AttachedPolicy> identity{{"worker", &ten}};
  constexpr int kMany = 200'000;
  request.action = "s3:GetObject";
  request.resource = "arn:aws:s3:::pictures/home/blue/2026/07/holiday.jpg";
  measure("ten statements, the last allows", request, {identity, {}, {}}, kMany);
  measure("and a bucket policy of two", request, {identity, {}, policy::AttachedPolicy{"bucket", &bucket}},
          kMany);
  request.resource = "arn:aws:s3:::pictures/home/red/2026/07/holiday.jpg";
  measure("ten statements, none allows", request, {identity, {}, {}}, kMany);

  const auto all = document(policy::find_managed_policy("arn:aws:iam::aws:policy/ReadOnlyAccess")->document,
                            policy::DocumentKind::managed);
  const std::vector<policy::AttachedPolicy> long_list{{"ReadOnlyAccess", &all}};
  measure("ReadOnlyAccess, which allows", request, {long_list, {}, {}}, kMany / 10);
  request.action = "s3:PutObject";
  measure("ReadOnlyAccess, which does not", request, {long_list, {}, {}}, kMany / 10);
  request.action = "s3:GetObject";

  const auto filling = [&] {
    policy::Keys fresh;
    policy::add_global_keys(request.caller, around, fresh);
    return fresh;
  };
  const auto begin = Clock::now();
  constexpr int kFills = 100'000;
  for (int i = 0; i < kFills; ++i) (void)filling();
  fmt::print("{:40} {:9.2f} us mean\n", "the keys of a request",
             std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / kFills);

  // Patterns that make matchers with backtracking go on for ever, against a key of 1,024 letters.
  std::string stars;
  for (int i = 0; i < 2'500; ++i) stars += "*a";
  std::string questions;
  for (int i = 0; i < 1'200; ++i) questions += "*?a?";
  const std::string key(1'024, 'a');
  const std::string resource = "arn:aws:s3:::b/" + key;
  request.resource = resource;
  for (const auto& [name, pattern] :
       {std::pair("2,500 times *a", stars), std::pair("1,200 times *?a?", questions),
        std::pair("a literal of 5,000", "*" + std::string(5'000, 'a') + "*b"),
        std::pair("nearly, 500 letters", "*" + std::string(500, 'a') + "b*c")}) {
    const auto hostile = document(
        fmt::format(
            R"({{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/{}b"}}}})",
            pattern),
        policy::DocumentKind::identity);
    const std::vector<policy::AttachedPolicy> only{{"hostile", &hostile}};
    measure(name, request, {only, {}, {}}, 200);
  }
}
