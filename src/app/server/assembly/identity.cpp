// Users, groups, roles, keys and sessions: IAM and STS; and why somebody may do something or not.

#include "cloud/identity/identities.h"

#include <array>

#include "app/server/adapters/access_explanation.h"
#include "app/server/assembly/domains.h"
#include "aws/admin/operations.h"
#include "aws/iam/model.h"
#include "aws/iam/operations.h"
#include "aws/sts/model.h"
#include "aws/sts/operations.h"
#include "base/key_file.h"

namespace sightline::server {
namespace {

const std::array kIdentityServices = {&aws::iam::kService, &aws::sts::kService};
constexpr std::string_view kIdentityKeeps[] = {"identity.db"};

class IdentityDomain final : public Domain {
 public:
  explicit IdentityDomain(std::unique_ptr<identity::Identities> identities)
      : identities_(std::move(identities)) {}

  static Result<std::unique_ptr<Domain>> open(Assembly& assembly) {
    const Environment& environment = assembly.environment;
    SecretKeys keys =
        TRY(load_keys({environment.settings.key_file, environment.settings.credentials, assembly.folder},
                      environment.random));
    auto identities = TRY(
        identity::Identities::open(assembly.stores, std::move(keys), environment.clock, environment.random));
    assembly.provide(*identities);
    return std::make_unique<IdentityDomain>(std::move(identities));
  }

  Result<void> join(Assembly& assembly) override {
    WorkerPool& quick = assembly.environment.pools.quick;
    aws::iam::add_operations(assembly.operations, {*identities_, quick});
    aws::sts::add_operations(assembly.operations, {*identities_, quick});
    // Roles, by who may assume them.
    assembly.resource_policies.add(
        "iam",
        [&book = identities_->policies()](std::string_view arn, std::string_view /*account*/)
            -> std::optional<aws::dispatch::ResourcePolicy> {
          const auto holder = book.find_by_arn(arn);
          if (!holder) return std::nullopt;
          return aws::dispatch::ResourcePolicy{holder->account, holder->trust};
        });
    aws::admin::add_access_operations(
        assembly.operations,
        [&identities = *identities_, &policies = assembly.resource_policies](
            const std::string& principal, const aws::dispatch::AccessRequest& access,
            const aws::dispatch::Context& context) {
          return explain_access_of(principal, access, context, identities, policies);
        },
        quick);
    return {};
  }

  Result<void> reload() override { return identities_->reload(); }

 private:
  const std::unique_ptr<identity::Identities> identities_;
};

}  // namespace

const DomainKind& identity_domain() {
  static const DomainKind kind{
      .name = "identity",
      .keeps = {kIdentityKeeps, "users, groups, roles, their policies, keys and sessions",
                "5,000 users and 5,000 roles of an account; the last 100,000 keys that ended"},
      .services = kIdentityServices,
      .open = IdentityDomain::open};
  return kind;
}

}  // namespace sightline::server
