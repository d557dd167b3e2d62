#include <putki/interop/bgl.hpp>

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/dominator_tree.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <sstream>

using namespace putki;

BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<StageGraph>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<StageGraph>));
BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<StageGraph>));
BOOST_CONCEPT_ASSERT((boost::BidirectionalGraphConcept<StageGraph>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyGraphConcept<StageGraph>));
BOOST_CONCEPT_ASSERT((boost::AdjacencyMatrixConcept<StageGraph>));
BOOST_CONCEPT_ASSERT((boost::ReadablePropertyGraphConcept<StageGraph, StageId, boost::vertex_index_t>));
BOOST_CONCEPT_ASSERT((boost::ReadablePropertyGraphConcept<StageGraph, StageId, boost::vertex_name_t>));

namespace {

std::vector<StageGraph> some_graphs() {
  std::vector<StageGraph> graphs = {StageGraph::b2b_template(),
                                    StageGraph::linear(std::vector<std::string>{"Lead", "Offer"}),
                                    StageGraph::Builder().stage("A").stage("Won", StageKind::won).build()};
  std::mt19937 random(3);
  for (int round = 0; round < 400; ++round) {
    StageGraph::Builder builder;
    const std::size_t count = 1 + random() % 9;
    for (std::size_t i = 0; i < count; ++i)
      builder.stage(std::to_string(i), i > 1 && random() % 4 == 0 ? StageKind::won : StageKind::open);
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < count; ++j)
        if (random() % 4 == 0) builder.move(std::to_string(i), std::to_string(j));
    graphs.push_back(builder.entry("0").build());
  }
  return graphs;
}

}  // namespace

TEST_CASE("the edges that Boost.Graph sees, by any list, are the allowed moves") {
  for (const StageGraph& g : some_graphs()) {
    std::vector<StageMove> allowed;
    for (std::size_t i = 0; i < g.stage_count(); ++i)
      for (const StageId to : g.next_stages(static_cast<StageId>(i))) allowed.push_back({static_cast<StageId>(i), to});
    std::vector<StageMove> all(edges(g).first, edges(g).second), out, in, adjacent;
    std::size_t degrees = 0;
    for (const StageId v : boost::make_iterator_range(vertices(g))) {
      out.insert(out.end(), out_edges(v, g).first, out_edges(v, g).second);
      in.insert(in.end(), in_edges(v, g).first, in_edges(v, g).second);
      for (const StageId u : boost::make_iterator_range(adjacent_vertices(v, g))) adjacent.push_back({v, u});
      degrees += degree(v, g);
    }
    std::sort(in.begin(), in.end());
    REQUIRE(all == allowed);
    REQUIRE(out == allowed);
    REQUIRE(in == allowed);
    REQUIRE(adjacent == allowed);
    REQUIRE(num_edges(g) == allowed.size());
    REQUIRE(degrees == 2 * allowed.size());
    REQUIRE(num_vertices(g) == g.stage_count());
    for (const StageMove& move : allowed) REQUIRE(edge(move.from, move.to, g).second);
  }
}

TEST_CASE("boost::topological_sort puts every stage after those it leads to, and refuses a loop") {
  const StageGraph g = StageGraph::linear(std::vector<std::string>{"Lead", "Offer", "Closing"});
  std::vector<StageId> order;
  boost::topological_sort(g, std::back_inserter(order));
  REQUIRE(order.size() == g.stage_count());
  const auto place = [&](StageId s) { return std::find(order.begin(), order.end(), s) - order.begin(); };
  for (const StageMove& move : boost::make_iterator_range(edges(g))) CHECK(place(move.to) < place(move.from));
  const StageGraph loops = StageGraph::b2b_template();
  CHECK_THROWS_AS(boost::topological_sort(loops, std::back_inserter(order)), boost::not_a_dag);
}

TEST_CASE("boost::breadth_first_search reaches what StageGraph::reachable says") {
  for (const StageGraph& g : some_graphs()) {
    constexpr int kNever = -1;
    for (const StageId from : boost::make_iterator_range(vertices(g))) {
      std::vector<int> distance(g.stage_count(), kNever);
      distance[index(from)] = 0;
      const auto map = boost::make_iterator_property_map(distance.begin(), get(boost::vertex_index, g));
      boost::breadth_first_search(
          g, from, boost::visitor(boost::make_bfs_visitor(boost::record_distances(map, boost::on_tree_edge()))));
      for (const StageId to : boost::make_iterator_range(vertices(g)))
        REQUIRE((distance[index(to)] != kNever) == g.reachable(from, to));
    }
  }
}

TEST_CASE("boost::strong_components of two or more stages are the loops") {
  for (const StageGraph& g : some_graphs()) {
    std::vector<int> component(g.stage_count());
    const int count =
        boost::strong_components(g, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, g)));
    std::vector<std::vector<StageId>> groups(static_cast<std::size_t>(count));
    for (const StageId v : boost::make_iterator_range(vertices(g)))
      groups[static_cast<std::size_t>(component[index(v)])].push_back(v);
    groups.erase(std::remove_if(groups.begin(), groups.end(), [](const auto& group) { return group.size() < 2; }),
                 groups.end());
    std::sort(groups.begin(), groups.end());
    REQUIRE(groups == g.loops());
  }
}

TEST_CASE("boost::lengauer_tarjan_dominator_tree finds the gates of a pipeline with one won stage") {
  int seen = 0;
  for (const StageGraph& g : some_graphs()) {
    const std::vector<StageId> won = g.stages_of(StageKind::won);
    if (won.size() != 1 || !g.reachable(StageId{0}, won[0])) continue;
    // The form with all its maps: the short one takes unreachable stages for the start (their number is 0 there, too).
    const std::size_t count = g.stage_count();
    const auto map = [&](auto& values) {
      return boost::make_iterator_property_map(values.begin(), get(boost::vertex_index, g));
    };
    std::vector<StageId> dominator(count, kNoStage), parent(count, kNoStage), by_number(count, kNoStage);
    std::vector<std::size_t> number(count, std::numeric_limits<std::size_t>::max());
    boost::lengauer_tarjan_dominator_tree(g, StageId{0}, get(boost::vertex_index, g), map(number), map(parent),
                                          by_number, map(dominator));
    std::vector<StageId> gates;
    for (StageId v = dominator[index(won[0])]; v != kNoStage; v = dominator[index(v)]) gates.push_back(v);
    std::reverse(gates.begin(), gates.end());
    REQUIRE(gates == g.gates());
    ++seen;
  }
  CHECK(seen > 50);
}

TEST_CASE("boost::write_graphviz labels stages by their names") {
  const StageGraph g = StageGraph::linear(std::vector<std::string>{"First contact"});
  std::ostringstream out;
  boost::write_graphviz(out, g, boost::make_label_writer(get(boost::vertex_name, g)));
  CHECK(out.str().find("0[label=\"First contact\"]") != std::string::npos);
  CHECK(out.str().find("0->1") != std::string::npos);
}
