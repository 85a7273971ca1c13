#include "aws/admin/operations.h"

#include "aws/admin/model.h"
#include "cloud/identity/principal.h"
#include "sight/jobs/names.h"

namespace sightline::aws::admin {
namespace {

constexpr std::uint64_t kMaxBody = std::uint64_t{1} << 16U;

Job answer_of(const jobs::Job& job) {
  Job answer;
  answer.id = job.id;
  answer.account = job.account;
  answer.region = job.region;
  answer.kind = jobs::kind_name(job.kind);
  answer.status = jobs::status_name(job.status);
  answer.message = job.message;
  answer.bucket = job.clip.bucket;
  answer.key = job.clip.key;
  answer.tag = job.tag;
  answer.created = job.created;
  answer.ended = job.ended;
  answer.frames_done = job.progress.done;
  answer.frames_total = job.progress.total;
  return answer;
}

/// Those of the caller's account.
wire::Answer<ListJobsResponse> list_jobs(const ListJobsRequest& /*request*/, const dispatch::Context& context,
                                         jobs::Jobs& jobs) {
  const auto all = jobs.list();
  if (!all) return std::unexpected(wire::internal_error(kService, all.error().message));
  ListJobsResponse response;
  auto& listed = response.jobs.emplace();
  for (const jobs::Job& job : *all)
    if (job.account == context.caller.account) listed.push_back(answer_of(job));
  return response;
}

wire::Answer<DescribeDataResponse> describe_data(const DataUse& use) {
  DescribeDataResponse response;
  response.folder = use.folder;
  response.free_bytes = static_cast<std::int64_t>(use.free);
  response.measured_at = use.measured;
  auto& modules = response.modules.emplace();
  for (const ModuleData& data : use.modules) {
    Module& module_ = modules.emplace_back();
    module_.name = data.name;
    module_.holds = data.holds;
    module_.bytes = static_cast<std::int64_t>(data.bytes);
    module_.limit_bytes = static_cast<std::int64_t>(data.limit);
    module_.limited_by = data.limited_by;
  }
  return response;
}

wire::Answer<ExplainAccessResponse> explain_access(const ExplainAccessRequest& request,
                                                   const dispatch::Context& context,
                                                   const ExplainAccessOf& explain) {
  dispatch::AccessRequest access{*request.action, request.resource.value_or("*")};
  if (request.conditions)
    for (const Condition& condition : *request.conditions)
      access.conditions.emplace_back(*condition.key, *condition.value);
  auto found = explain(request.principal.value_or(""), access, context);
  if (!found) {
    const ErrorKind kind = found.error().kind;
    if (kind == ErrorKind::not_found || kind == ErrorKind::invalid_argument)
      return wire::refuse(kInvalidRequestException, found.error().message);
    return std::unexpected(wire::internal_error(kService, found.error().message));
  }
  ExplainAccessResponse response;
  response.decision = std::move(found->decision);
  response.message = std::move(found->message);
  response.statements = std::move(found->statements);
  auto& missing = response.missing.emplace();
  for (auto& [type, statement] : found->missing) missing.push_back({std::move(type), std::move(statement)});
  return response;
}

}  // namespace

void add_access_operations(dispatch::Operations& operations, ExplainAccessOf explain, WorkerPool& quick) {
  operations.unary<ExplainAccess>(
      quick, kMaxBody,
      [explain = std::move(explain)](const ExplainAccessRequest& request, const dispatch::Context& context) {
        return explain_access(request, context, explain);
      });
}

void add_job_operations(dispatch::Operations& operations, jobs::Jobs& jobs, WorkerPool& quick) {
  operations.unary<ListJobs>(quick, kMaxBody,
                             [&jobs](const ListJobsRequest& request, const dispatch::Context& context) {
                               return list_jobs(request, context, jobs);
                             });
}

void add_data_operations(dispatch::Operations& operations, std::function<DataUse()> use, WorkerPool& quick) {
  operations.unary<DescribeData>(
      quick, kMaxBody,
      [use = std::move(use)](const DescribeDataRequest& /*request*/, const dispatch::Context& context) {
        DataUse measured = use();
        // Where it lies is for whoever runs the server, not for its users.
        if (context.caller.kind != identity::PrincipalKind::root) measured.folder.clear();
        return describe_data(measured);
      });
}

}  // namespace sightline::aws::admin
