#pragma once
// What tools/wire/generate.py writes for a service: structs of optional members, and tables that say for each
// member where it stands in a request or answer, under which name, and what it must satisfy. The codecs
// (json_decoder.h, query_decoder.h, ...) and the validation walk these tables; nothing else knows the wire.
//
// All of it is constant data: safe for every thread, valid for the whole run.

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/wire/access.h"
#include "base/file.h"

namespace sightline::aws::wire {

enum class ShapeType : std::uint8_t {
  structure,
  list,
  map,
  string,
  boolean,
  int32,
  int64,
  float32,
  float64,
  timestamp,
  blob,
};

/// Where a member stands in an HTTP message. Protocols other than rest-* use `body` alone.
enum class Location : std::uint8_t {
  body,
  header,
  headers,  ///< a map whose entries are headers with a common prefix (x-amz-meta-)
  uri,
  query,
  status,
  payload,  ///< the member is the whole body
};

/// How a timestamp is written; `by_place` is the protocol's own default for where it stands.
enum class TimestampFormat : std::uint8_t { by_place, unix_seconds, iso8601, http_date };

struct Member;

/// What a service says, with status 400, to a value that is none of an enumeration's: in its own words, where
/// the overlay has them.
struct Refusal {
  std::string_view code = {};  ///< empty: the words of validation.h are used
  std::string_view message = {};
};

struct Shape {
  ShapeType type = ShapeType::string;
  std::string_view name = {};
  bool sensitive = false;  ///< never shown in messages
  /// Of a number its value, else its length: characters, bytes, elements, entries.
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  std::string_view pattern = {};                  ///< that the whole string matches, in Java's syntax
  std::span<const std::string_view> values = {};  ///< of an enumeration
  Refusal refusal = {};  ///< of any other value, in a header or query of a rest protocol
  TimestampFormat timestamp = TimestampFormat::by_place;
  std::span<const Member> members = {};  ///< of a structure
  const Shape* element = nullptr;        ///< of a list; of a map its values
  const Shape* key = nullptr;            ///< of a map
  std::string_view element_name = {};    ///< in XML and query: of a list's elements, of a map's values
  std::string_view key_name = {};
  std::string_view xml_prefix = {};
  std::string_view xml_namespace = {};
  const ListAccess* list = nullptr;
  const MapAccess* map = nullptr;
};

struct Member {
  std::string_view name = {};  ///< the model's
  std::string_view wire_name = {};
  const Shape* shape = nullptr;
  Location location = Location::body;
  bool required = false;
  bool flattened = false;  ///< elements repeat under the member's own name
  bool attribute = false;  ///< an XML attribute
  bool base64 = false;     ///< a text that is encoded as Base64 where it stands: JSON in a header
  TimestampFormat timestamp = TimestampFormat::by_place;
  Slot slot = {};
};

enum class Fault : std::uint8_t { sender, receiver };

/// One kind of error that an operation may answer with.
struct ErrorType {
  std::string_view name = {};  ///< the exception's shape: what json protocols call it
  std::string_view code = {};  ///< what query and XML protocols call it
  int status = 400;
  Fault fault = Fault::sender;
  const Shape* shape =
      nullptr;  ///< of its members but the message, where the overlay says that it carries them
};

struct Service;

/// A condition key of a policy and what the request says for it, as templates of Permission are filled.
struct ConditionTemplate {
  std::string_view key = {};  ///< "s3:prefix"
  std::string_view text = {};
};

/// An IAM action on a resource that a caller must be allowed before an operation runs. How templates are
/// written: tools/wire/generate.py, which checks them; how they are filled: aws/dispatch/permission.h.
struct Permission {
  std::string_view action = {};    ///< "s3:GetObject"
  std::string_view resource = {};  ///< "arn:aws:s3:::{Bucket}/{Key}"; empty where the table does not say it
  std::span<const ConditionTemplate> conditions = {};
};

/// Who says on which resources a caller needs an operation's permissions.
enum class PermittedBy : std::uint8_t {
  table,     ///< its permissions' templates
  function,  ///< one that is registered beside the handler
  handler,   ///< the handler asks for each of what the request names
};

struct Operation {
  std::string_view name = {};
  const Service* service = nullptr;
  std::string_view uri = "/";
  int status = 200;
  const Shape* input = nullptr;  ///< null where there is nothing to say
  const Shape* output = nullptr;
  std::string_view input_root = {};  ///< rest-xml: the root element of a body made of members
  std::string_view output_root = {};
  std::string_view result_wrapper = {};
  std::string_view streamed_input = {};  ///< the member whose bytes pass beside the struct: "Body"
  std::string_view streamed_output = {};
  bool unauthenticated = false;
  std::span<const Permission> permissions = {};
  PermittedBy permitted_by = PermittedBy::table;
  const Operation* twin = nullptr;  ///< the same one of the service's twin, over the same structs
};

/// A query parameter or header that tells one operation from another on the same path.
struct Need {
  Location location = Location::query;
  std::string_view name = {};
};

/// How one operation of a service is asked for, whether it is carried out here or not.
struct Route {
  std::string_view name = {};
  std::string_view method = "POST";
  std::string_view uri = "/";
  std::span<const Need> needs = {};
  bool deprecated = false;
  const Operation* operation = nullptr;  ///< null where it is not carried out
};

enum class Protocol : std::uint8_t { json, query, rest_json, rest_xml };

/// What sets a service apart from the others of its protocol: its overlay says it. Nearly all are S3's own.
struct Traits {
  /// What stands before the server's name in a Host field is a bucket.
  bool bucket_in_host = false;
  /// Requests say in x-amz-content-sha256 how their body is framed and what its hash is: signatures are
  /// verified before the body is there. All others' cover the body itself.
  bool payload_in_head = false;
  /// Signatures cover the path as it came; all others' a normalised one, encoded once more.
  bool path_as_is = false;
  /// Links may be made for others: also signed by version 2, and with version 4 only for a limited time.
  bool links = false;
  /// Common errors have S3's names and no wrapping, answers S3's two ids, and bodies that are a member as
  /// they are no Content-Type but the one that the handler gives.
  bool s3_answers = false;
  /// What nobody signed is refused or allowed by policies, as anonymous; all others refuse it at once.
  bool anonymous = false;
};
inline constexpr Traits kS3Traits{true, true, true, true, true, true};

struct Service {
  std::string_view name = {};
  Protocol protocol = Protocol::json;
  std::string_view signing_name = {};
  std::string_view endpoint = {};  ///< how hosts name it: lambda.us-east-1.amazonaws.com
  std::string_view api_version = {};
  std::string_view json_version = {};
  std::string_view target_prefix = {};
  std::string_view xml_namespace = {};
  bool query_compatible = false;     ///< a json service whose errors also carry their code of older days
  std::string_view throttling = {};  ///< its own name for the error of a server with too much to do
  Traits traits = {};
  std::span<const Route> routes = {};
  std::span<const Shape* const> patterned = {};  ///< every shape with a pattern
  const Service* twin = nullptr;  ///< the same service in the query protocol, as its older clients ask for it
};

/// Stands for a request or answer that says nothing.
struct Empty {};

using sightline::Bytes;

}  // namespace sightline::aws::wire
