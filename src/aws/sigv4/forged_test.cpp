// Requests that were changed after they were signed: none may be accepted.

#include <gtest/gtest.h>

#include "aws/sigv4/sigv4_test_requests.h"
#include "aws/wire/uri.h"
#include "base/ascii.h"
#include "base/base64.h"

namespace sightline::aws::sigv4 {
namespace {

using wire::Header;
using wire::Headers;
using wire::HttpRequest;

constexpr std::string_view kBody = R"({"QueueUrl":"http://127.0.0.1/1/q"})";

HttpRequest header_request(const wire::Service& service) {
  HttpRequest request{"POST",
                      "/bucket/a/key?b=2&a=1&a=0",
                      {{"Host", "127.0.0.1:4566"},
                       {"X-Amz-Date", "20150830T123600Z"},
                       {"X-Amz-Target", "Service.Operation"},
                       {"X-Amz-Security-Token", "token+/="},
                       {"X-Amz-Meta-List", "one"},
                       {"X-Amz-Meta-List", "two"},
                       {"Content-Type", "text/plain"}},
                      bytes_of(kBody)};
  if (service.signing_name == "s3") request.headers.add("X-Amz-Content-SHA256", sha256_hex(request.body));
  sign_all(request, service);
  return request;
}

HttpRequest presigned_request() {
  HttpRequest request{
      "GET",
      "/bucket/a/"
      "key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2F"
      "aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&versionId=1",
      {{"Host", "127.0.0.1:4566"}}};
  request.target +=
      "&X-Amz-Signature=" + sign(request, kS3, {"host"}, "UNSIGNED-PAYLOAD", "20150830T123600Z");
  return request;
}

/// `headers` with the value of line `index` replaced; all but that line where `value` is empty.
Headers changed(const Headers& headers, std::size_t index, const std::optional<std::string>& value) {
  Headers out;
  std::size_t at = 0;
  for (const Header& line : headers) {
    if (at++ != index) {
      out.add(line.name, line.value);
    } else if (value) {
      out.add(line.name, *value);
    }
  }
  return out;
}

/// Other bytes for the one at a place: a neighbour, the other case, a separator, a control byte.
std::string others(char c) {
  std::string bytes = {static_cast<char>(c ^ 1), static_cast<char>(c ^ 0x20), '/', '\x01', 'A', '0'};
  std::erase(bytes, c);
  return bytes;
}

/// Whether two targets say the same: spelling of percent-encoding and order of parameters are not signed.
std::string meaning(const HttpRequest& request, const wire::Service& service) {
  const auto query = canonical_query(request.query());
  return canonical_path(request.path(),
                        service.signing_name == "s3" ? PathRule::as_is : PathRule::normalized) +
         "?" + query.value_or("broken") +
         (request.target.find("Signature") == std::string::npos
              ? ""
              : request.target.substr(request.target.find("Signature")));
}

class Forged : public ::testing::TestWithParam<const wire::Service*> {
 protected:
  const wire::Service& service() const { return *GetParam(); }
  void refused(const HttpRequest& request, const std::string& what) const {
    EXPECT_NE(outcome(request, service()), "") << what;
  }
};

TEST_P(Forged, TheOriginalIsAccepted) {
  EXPECT_EQ(outcome(header_request(service()), service()), "");
}

TEST_P(Forged, EveryByteOfEveryHeaderCounts) {
  const HttpRequest original = header_request(service());
  std::size_t index = 0;
  for (const Header& line : original.headers) {
    for (std::size_t at = 0; at < line.value.size(); ++at) {
      for (const char byte : others(line.value[at])) {
        HttpRequest forged = original;
        std::string value = line.value;
        value[at] = byte;
        // A blank between the parts of Authorization, or twice within a value, says nothing.
        if (canonical_header({{"a", value}}, "a") == canonical_header({{"a", line.value}}, "a")) continue;
        forged.headers = changed(original.headers, index, value);
        refused(forged, line.name + ": " + value);
      }
      HttpRequest cut = original;
      cut.headers = changed(original.headers, index, line.value.substr(0, at));
      refused(cut, line.name + " cut at " + std::to_string(at));
    }
    HttpRequest without = original;
    without.headers = changed(original.headers, index, std::nullopt);
    refused(without, "without " + line.name);
    ++index;
  }
}

TEST_P(Forged, EveryByteOfMethodAndTargetCounts) {
  const HttpRequest original = header_request(service());
  for (const char* method : {"GET", "PUT", "post", "POS", ""}) {
    HttpRequest forged = original;
    forged.method = method;
    refused(forged, method);
  }
  for (std::size_t at = 0; at < original.target.size(); ++at) {
    for (const char byte : others(original.target[at]) + "%.?&=") {
      HttpRequest forged = original;
      forged.target[at] = byte;
      if (meaning(forged, service()) == meaning(original, service())) continue;
      refused(forged, forged.target);
    }
    HttpRequest longer = original;
    longer.target.insert(at, "x");
    refused(longer, longer.target);
    HttpRequest shorter = original;
    shorter.target.erase(at, 1);
    if (meaning(shorter, service()) != meaning(original, service())) refused(shorter, shorter.target);
  }
  for (const char* more : {"&c=3", "&a=1", "&X-Amz-Security-Token=x", "&acl"}) {
    HttpRequest forged = original;
    forged.target += more;
    refused(forged, forged.target);
  }
}

TEST_P(Forged, EveryByteOfTheBodyCounts) {
  const HttpRequest original = header_request(service());
  for (std::size_t at = 0; at <= kBody.size(); ++at) {
    std::string body(kBody);
    body.insert(at, " ");
    HttpRequest forged = original;
    forged.body = bytes_of(body);
    if (service().signing_name == "s3") {
      // The body streams by later: what its hash must be is handed on.
      const auto presented = accept_form(read_signature(forged), service());
      const auto verified = verify(forged, service(), *presented, kSecret, kNow);
      ASSERT_TRUE(verified);
      EXPECT_NE(verified->payload_hash, sha256_hex(forged.body));
    } else {
      refused(forged, body);
    }
  }
}

TEST_P(Forged, HeadersMayNotBeAddedOrMadeUnsigned) {
  const HttpRequest original = header_request(service());
  for (const Header& line : Headers{{"x-amz-copy-source", "/other/secret"},
                                    {"X-Amz-Acl", "public-read"},
                                    {"Host", "127.0.0.1:4566"},
                                    {"x-amz-date", "20150830T123600Z"},
                                    {"X-AMZ-TARGET", "Service.Delete"},
                                    {"X-Amz-Meta-List", "three"},
                                    {"Content-Type", "text/html"},
                                    {"Authorization", "AWS4-HMAC-SHA256 x"}}) {
    HttpRequest forged = original;
    forged.headers.add(line.name, line.value);
    refused(forged, "with " + line.name);
  }
  // Signed again, over fewer headers: right by its signature, and yet not enough.
  for (const char* missing :
       {"host", "x-amz-date", "x-amz-target", "x-amz-security-token", "x-amz-meta-list"}) {
    HttpRequest request{original.method, original.target, {}, original.body};
    std::vector<std::string> names;
    for (const Header& line : original.headers) {
      if (line.name == "Authorization") continue;
      request.headers.add(line.name, line.value);
      const std::string name = to_lower(line.name);
      if (name != missing && (names.empty() || names.back() != name)) names.push_back(name);
    }
    std::ranges::sort(names);
    const std::string hash = sha256_hex(request.body);
    request.headers.add(
        "Authorization",
        authorization(service(), names, sign(request, service(), names, hash, "20150830T123600Z")));
    refused(request, std::string("unsigned ") + missing);
  }
}

TEST_P(Forged, ReorderingChangesWhatIsSaid) {
  const HttpRequest original = header_request(service());
  HttpRequest forged = original;
  forged.headers = changed(changed(original.headers, 4, "two"), 5, "one");
  refused(forged, "lines of one name in another order");
  HttpRequest parameters = original;
  parameters.target = "/bucket/a/key?a=0&b=2&a=1";
  EXPECT_EQ(outcome(parameters, service()), "") << "the order of parameters is not signed, by AWS's own rule";
}

TEST_P(Forged, AnotherKeyOrScopeDoesNotFit) {
  const HttpRequest original = header_request(service());
  EXPECT_NE(outcome(original, service(), kNow, "anothersecret"), "");
  EXPECT_NE(outcome(original, service(), kNow, ""), "");
  EXPECT_NE(outcome(original, service().signing_name == "s3" ? kPlain : kS3), "");
}

INSTANTIATE_TEST_SUITE_P(Families, Forged, ::testing::Values(&kPlain, &kForms, &kS3),
                         [](const auto& tested) { return std::string(tested.param->name); });

TEST(ForgedPresigned, EveryByteCounts) {
  const HttpRequest original = presigned_request();
  ASSERT_EQ(outcome(original, kS3), "");
  for (std::size_t at = 0; at < original.target.size(); ++at) {
    for (const char byte : others(original.target[at]) + "%.?&=") {
      HttpRequest forged = original;
      forged.target[at] = byte;
      if (meaning(forged, kS3) == meaning(original, kS3)) continue;
      EXPECT_NE(outcome(forged, kS3), "") << forged.target;
    }
  }
  for (const char* more :
       {"&acl", "&X-Amz-Signature=0", "&X-Amz-Date=20150830T123600Z", "&X-Amz-Expires=604800",
        "&X-Amz-Security-Token=x", "&AWSAccessKeyId=x", "&versionId=2"}) {
    HttpRequest forged = original;
    forged.target += more;
    EXPECT_NE(outcome(forged, kS3), "") << more;
  }
  for (const Header& line : Headers{{"x-amz-copy-source", "/a/b"},
                                    {"Host", "127.0.0.1:4566"},
                                    {"Authorization", "AWS4-HMAC-SHA256 "}}) {
    HttpRequest forged = original;
    forged.headers.add(line.name, line.value);
    EXPECT_NE(outcome(forged, kS3), "") << line.name;
  }
  HttpRequest other_host = original;
  other_host.headers = {{"Host", "127.0.0.1:4567"}};
  EXPECT_NE(outcome(other_host, kS3), "");
  HttpRequest other_method = original;
  other_method.method = "DELETE";
  EXPECT_NE(outcome(other_method, kS3), "");
}

TEST(ForgedV2, EverySignedByteCounts) {
  const std::string prefix =
      "/bucket/key?AWSAccessKeyId=AKIDEXAMPLE&Expires=1440941760&versionId=7&x-amz-acl=private";
  HttpRequest original{"PUT", prefix, {{"Host", "h"}, {"Content-Type", "text/plain"}}};
  const std::string text = "PUT\n\ntext/plain\n1440941760\nx-amz-acl:private\n/bucket/key?versionId=7";
  const Sha1Digest digest = hmac_sha1(bytes_of(kSecret), text);
  original.target += "&Signature=" + wire::percent_encode(base64_encode(digest));
  ASSERT_EQ(outcome(original, kS3), "");
  for (std::size_t at = 0; at < original.target.size(); ++at) {
    for (const char byte : others(original.target[at])) {
      HttpRequest forged = original;
      forged.target[at] = byte;
      if (canonical_query(forged.query()) == canonical_query(original.query()) &&
          forged.path() == original.path())
        continue;
      EXPECT_NE(outcome(forged, kS3), "") << forged.target;
    }
  }
  for (const Header& line :
       Headers{{"x-amz-acl", "public-read"}, {"x-amz-copy-source", "/a/b"}, {"Content-MD5", "x"}}) {
    HttpRequest forged = original;
    forged.headers.add(line.name, line.value);
    EXPECT_NE(outcome(forged, kS3), "") << line.name;
  }
  HttpRequest forged = original;
  forged.method = "GET";
  EXPECT_NE(outcome(forged, kS3), "");
}

}  // namespace
}  // namespace sightline::aws::sigv4
