// SPDX-License-Identifier: Apache-2.0
// Sweeps of vector operations against hand-counted costs.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/workload/vector_costs.hpp"
#include "sim/workload/vector_lowering.hpp"
#include "tests/unit/workload/networks.hpp"

namespace lnsim {
namespace {

using Ops = std::map<VectorOp, std::uint64_t>;
using Streams = std::map<std::string, std::uint64_t>;

LayerPass pass_of(const LayerOp& op, PassKind kind, const VectorContext& context = {}) {
  return vector_pass(op, kind, 2, context).value();
}

Streams streams(const LayerPass& pass, const std::vector<StreamUse>& uses) {
  Streams result;
  for (const StreamUse& use : uses) result[pass.tensors.at(use.tensor).name] = use.elements;
  return result;
}

Ops ops(const Sweep& sweep) { return {sweep.ops.begin(), sweep.ops.end()}; }

const Tensor& tensor(const LayerPass& pass, const std::string& name) {
  for (const Tensor& candidate : pass.tensors) {
    if (candidate.name == name) return candidate;
  }
  throw std::logic_error("no tensor " + name);
}

MaxPool max_pool(std::uint64_t size, std::uint64_t kernel, std::uint64_t stride, std::uint64_t padding) {
  MaxPool pool;
  pool.channels = 3;
  pool.height = pool.width = size;
  pool.kernel = {kernel};
  pool.stride = {stride};
  pool.padding = {padding};
  return pool;
}

}  // namespace

TEST_CASE("batch_norm reads its input twice forward, input and gradient twice backward") {
  const BatchNorm norm{3, 5, 4};
  const std::uint64_t n = 2 * 3 * 5 * 4;
  const LayerPass forward = pass_of(norm, PassKind::kForward, {true, false});
  REQUIRE(forward.sweeps.size() == 2);
  CHECK(forward.sweeps[0].fused_if_producer_holds_channels);
  CHECK(forward.sweeps[0].channels == 3);
  CHECK(streams(forward, forward.sweeps[0].reads) == Streams{{"x", n}});
  CHECK(ops(forward.sweeps[0]) == Ops{{VectorOp::kAdd, 2 * n}, {VectorOp::kMultiply, n}});
  CHECK(streams(forward, forward.sweeps[1].reads) ==
        Streams{{"x", n}, {"sums", 6}, {"scale_shift", 6}, {"running_statistics", 6}});
  CHECK(streams(forward, forward.sweeps[1].writes) == Streams{{"y", n}, {"statistics", 6}, {"running_statistics", 6}});

  const LayerPass backward = pass_of(norm, PassKind::kInputGrad);
  REQUIRE(backward.sweeps.size() == 2);
  for (const Sweep& sweep : backward.sweeps) {
    CHECK(streams(backward, sweep.reads).at("x") == n);
    CHECK(streams(backward, sweep.reads).at("dy") == n);
  }
  CHECK(streams(backward, backward.sweeps[1].writes) == Streams{{"dx", n}});
  CHECK(tensor(backward, "scale_shift_gradient").role == Role::kParameter);
}

TEST_CASE("layer_norm and softmax walk each row twice in the buffer") {
  for (const PassKind kind : {PassKind::kForward, PassKind::kInputGrad}) {
    for (const LayerOp& op : {LayerOp(LayerNorm{16, 3}), LayerOp(Softmax{16, 3})}) {
      const LayerPass pass = pass_of(op, kind);
      REQUIRE(pass.sweeps.size() == 1);
      CHECK(pass.sweeps[0].row_elements == 16);
      CHECK(pass.sweeps[0].buffer_passes == 2);
      CHECK(pass.sweeps[0].elements == 2 * 3 * 16);
    }
  }
  const LayerPass forward = pass_of(LayerNorm{16, 3}, PassKind::kForward);
  CHECK(streams(forward, forward.sweeps[0].writes) == Streams{{"y", 96}, {"statistics", 2 * 6}});
  const LayerPass softmax = pass_of(Softmax{16, 3}, PassKind::kForward);
  CHECK(ops(softmax.sweeps[0]) == Ops{{VectorOp::kAdd, 3 * 96},
                                      {VectorOp::kMultiply, 2 * 96},
                                      {VectorOp::kCompare, 96},
                                      {VectorOp::kExp, 2 * 96},
                                      {VectorOp::kReciprocal, 6}});
}

TEST_CASE("relu stores a mask bit per element and its gradient reads no activation") {
  const LayerPass forward = pass_of(Relu{{5, 7}}, PassKind::kForward);
  CHECK(streams(forward, forward.sweeps[0].writes) == Streams{{"y", 70}, {"mask", 70}});
  CHECK(tensor(forward, "mask").role == Role::kMask);
  const LayerPass backward = pass_of(Relu{{5, 7}}, PassKind::kInputGrad);
  CHECK(streams(backward, backward.sweeps[0].reads) == Streams{{"dy", 70}, {"mask", 70}});
}

TEST_CASE("gelu keeps its input for the gradient") {
  const LayerPass backward = pass_of(Gelu{{5}}, PassKind::kInputGrad);
  CHECK(streams(backward, backward.sweeps[0].reads) == Streams{{"x", 10}, {"dy", 10}});
}

TEST_CASE("max_pool compares the window positions inside the input and stores the winner's index") {
  const LayerPass forward = pass_of(max_pool(4, 3, 2, 1), PassKind::kForward);
  const std::uint64_t outputs = 2 * 3 * 2 * 2;
  const std::uint64_t taps = 2 * 3 * (2 + 3) * (2 + 3);  // windows start at -1 and 1
  CHECK(forward.sweeps[0].elements == taps);
  CHECK(ops(forward.sweeps[0]) == Ops{{VectorOp::kCompare, taps - outputs}});
  CHECK(streams(forward, forward.sweeps[0].writes) == Streams{{"y", outputs}, {"index", outputs}});
  CHECK(tensor(forward, "index").index_bits == 4);  // 9 window positions
  const LayerPass backward = pass_of(max_pool(4, 3, 2, 1), PassKind::kInputGrad);
  CHECK(streams(backward, backward.sweeps[0].reads) == Streams{{"dy", outputs}, {"index", outputs}});
  CHECK(streams(backward, backward.sweeps[0].writes) == Streams{{"dx", 2 * 3 * 16}});
}

TEST_CASE("a pooling window of one position needs no comparison") {
  CHECK(pass_of(max_pool(4, 1, 1, 0), PassKind::kForward).sweeps[0].ops.empty());
}

TEST_CASE("avg_pool adds window positions and multiplies once per output") {
  AvgPool pool;
  static_cast<Pool&>(pool) = max_pool(6, 2, 2, 0);
  const std::uint64_t outputs = 2 * 3 * 9;
  const LayerPass forward = pass_of(pool, PassKind::kForward);
  CHECK(ops(forward.sweeps[0]) == Ops{{VectorOp::kAdd, 3 * outputs}, {VectorOp::kMultiply, outputs}});
  const LayerPass backward = pass_of(pool, PassKind::kInputGrad);
  CHECK(ops(backward.sweeps[0]) == Ops{{VectorOp::kMultiply, outputs}});  // windows do not overlap
}

TEST_CASE("add reads two tensors and has no backward work") {
  const LayerPass forward = pass_of(Add{{4}}, PassKind::kForward);
  CHECK(streams(forward, forward.sweeps[0].reads) == Streams{{"x0", 8}, {"x1", 8}});
  CHECK_FALSE(vector_pass(Add{{4}}, PassKind::kInputGrad, 2, {}).has_value());
}

TEST_CASE("an embedding gathers rows forward, zeroes its gradient and scatters backward") {
  const Embedding op{1000, 8, 3};
  const LayerPass forward = pass_of(op, PassKind::kForward);
  CHECK(streams(forward, forward.sweeps[0].reads) == Streams{{"weight", 48}, {"ids", 6}});
  CHECK(tensor(forward, "weight").elements == 8000);
  CHECK(tensor(forward, "ids").index_bits == 10);
  const LayerPass backward = pass_of(op, PassKind::kWeightGrad);
  REQUIRE(backward.sweeps.size() == 2);
  CHECK(streams(backward, backward.sweeps[0].writes) == Streams{{"weight_gradient", 8000}});
  CHECK(streams(backward, backward.sweeps[1].reads) == Streams{{"dy", 48}, {"ids", 6}, {"weight_gradient", 48}});
  CHECK(pass_of(op, PassKind::kWeightGrad, {false, true}).sweeps.size() == 1);
}

TEST_CASE("GEMM layers have no sweeps") {
  CHECK_FALSE(vector_pass(Conv2d{}, PassKind::kForward, 2, {}).has_value());
  CHECK_FALSE(vector_pass(Matmul{}, PassKind::kInputGrad, 2, {}).has_value());
}

TEST_CASE("a bias gradient is a sum over rows, a gradient add one over consumers") {
  const LayerPass bias = bias_gradient_pass(6, 4);
  CHECK(streams(bias, bias.sweeps[0].reads) == Streams{{"dy", 24}});
  CHECK(streams(bias, bias.sweeps[0].writes) == Streams{{"bias_gradient", 4}});
  const LayerPass sum = gradient_add_pass(10, 4);
  CHECK(streams(sum, sum.sweeps[0].reads) == Streams{{"gradients", 40}});
  CHECK(streams(sum, sum.sweeps[0].writes) == Streams{{"sum", 10}});
  CHECK(ops(sum.sweeps[0]) == Ops{{VectorOp::kAdd, 30}});
}

TEST_CASE("no sweep of a shipped network moves nothing, and none moves more than its tensor") {
  for (const char* name : {"resnet50", "bert_base_seq128", "gpt2_small", "lenet"}) {
    for (const LayerPass& pass : lower(test::shipped(name))) {
      INFO(name << " " << pass.layer << " " << pass_name(pass.kind));
      for (const Sweep& sweep : pass.sweeps) {
        REQUIRE(sweep.elements > 0);
        for (const auto& uses : {sweep.reads, sweep.writes}) {
          for (const StreamUse& use : uses) {
            REQUIRE(use.elements > 0);
            const Tensor& moved = pass.tensors.at(use.tensor);
            const bool gathered = moved.role == Role::kWeight || moved.role == Role::kWeightGradient;
            REQUIRE((gathered || use.elements <= moved.elements));
          }
        }
      }
    }
  }
}

TEST_CASE("a product with a broadcast input sums the gradients of its copies") {
  const Binary scale{BinaryFunction::kMultiply, {7, 6}, 6};  // 6 elements, each for 7
  const std::uint64_t n = 2 * 42, second = 2 * 6;
  const LayerPass forward = pass_of(scale, PassKind::kForward);
  CHECK(streams(forward, forward.sweeps[0].reads) == Streams{{"x0", n}, {"x1", second}});
  CHECK(ops(forward.sweeps[0]) == Ops{{VectorOp::kMultiply, n}});
  const LayerPass both = pass_of(scale, PassKind::kInputGrad);
  REQUIRE(both.sweeps.size() == 1);
  CHECK(streams(both, both.sweeps[0].reads) == Streams{{"x0", n}, {"x1", second}, {"dy", n}});
  CHECK(streams(both, both.sweeps[0].writes) == Streams{{"dx0", n}, {"dx1", second}});
  CHECK(ops(both.sweeps[0]) == Ops{{VectorOp::kMultiply, 2 * n}, {VectorOp::kAdd, n - second}});
  VectorContext first;
  first.second_gradient = false;
  const LayerPass one = pass_of(scale, PassKind::kInputGrad, first);
  CHECK(streams(one, one.sweeps[0].writes) == Streams{{"dx0", n}});
  CHECK(ops(one.sweeps[0]) == Ops{{VectorOp::kMultiply, n}});
}

TEST_CASE("a sum passes its gradient on, but for what was broadcast") {
  const Binary mask{BinaryFunction::kAdd, {7, 6}, 6};
  const LayerPass backward = pass_of(mask, PassKind::kInputGrad);
  CHECK(streams(backward, backward.sweeps[0].writes) == Streams{{"dx1", 12}});
  VectorContext first;
  first.second_gradient = false;
  CHECK(!vector_pass(mask, PassKind::kInputGrad, 2, first).has_value());
  CHECK(passes_gradient_on(Add{{4}}));
  CHECK(passes_gradient_on(Affine{{4, 3}, 3, false, true}));
  CHECK(!passes_gradient_on(Affine{{4, 3}, 3, true, true}));
  CHECK(!passes_gradient_on(Relu{{4}}));
  CHECK(!passes_gradient_on(Embedding{5, 4, 3}));
}

TEST_CASE("what a backward pass reads is saved") {
  const auto saved = [](const LayerOp& op) {
    const SavedForBackward kept = saved_for_backward(op);
    return std::pair(kept.inputs, kept.output);
  };
  CHECK(saved(Conv2d{}) == std::pair(true, false));
  CHECK(saved(ConvTranspose2d{}) == std::pair(true, false));
  CHECK(saved(BatchNorm{}) == std::pair(true, false));
  CHECK(saved(Softmax{}) == std::pair(false, true));
  CHECK(saved(Relu{}) == std::pair(false, false));
  CHECK(saved(Gelu{}) == std::pair(true, false));
  CHECK(saved(Unary{UnaryFunction::kSigmoid, {1}}) == std::pair(false, true));
  CHECK(saved(Unary{UnaryFunction::kSilu, {1}}) == std::pair(true, false));
  CHECK(saved(Unary{UnaryFunction::kClip, {1}}) == std::pair(false, false));
  CHECK(saved(Binary{BinaryFunction::kDivide, {1}, 0}) == std::pair(true, true));
  CHECK(saved(Affine{{4}, 4, false, true}) == std::pair(false, false));
  CHECK(saved(Move{}) == std::pair(false, false));
  CHECK(saved(Embedding{}) == std::pair(false, false));
}

TEST_CASE("a slice reads what it takes, and its gradient is as large as what it was taken from") {
  const Move slice{{100}, 30};
  const LayerPass forward = pass_of(slice, PassKind::kForward);
  CHECK(streams(forward, forward.sweeps[0].reads) == Streams{{"x", 60}});
  CHECK(tensor(forward, "x").elements == 200);
  const LayerPass backward = pass_of(slice, PassKind::kInputGrad);
  CHECK(streams(backward, backward.sweeps[0].writes) == Streams{{"dx", 200}});
  CHECK(backward.sweeps[0].elements == 200);
  // Each element three times: two sums of gradients per element.
  const LayerPass repeated = pass_of(Move{{10}, 30}, PassKind::kInputGrad);
  CHECK(ops(repeated.sweeps[0]) == Ops{{VectorOp::kAdd, 40}});
}

TEST_CASE("docs/workloads.md has the table of costs") {
  std::ifstream file(std::string(LNSIM_SOURCE_DIR) + "/docs/workloads.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const VectorCostRow& row : vector_op_costs()) {
    const std::string line = "| " + row.type + " | " + row.pass + " | " + row.sweep + " | " + row.elements + " | " +
                             row.reads + " | " + row.writes + " | " + row.ops + " | " + row.walks + " |\n";
    CHECK_THAT(text.str(), Catch::Contains(line));
  }
}

}  // namespace lnsim
