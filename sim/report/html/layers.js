// SPDX-License-Identifier: Apache-2.0
// Layer by layer: energy and cycles, stalls, bounds, roofline.
'use strict';

lnsim.pass_names = {forward: 'forward', input_grad: 'input gradient', input_grad_a: 'input gradient A',
                    input_grad_b: 'input gradient B', weight_grad: 'weight gradient',
                    gradient_accumulate: 'gradient accumulation', update: 'update'};
lnsim.pass_label = pass => lnsim.pass_names[pass] || pass;
lnsim.layer_label = layer => `${layer.name} ${lnsim.pass_label(layer.pass)}`;
lnsim.layer_energy = layer => lnsim.sum(Object.values(layer.energy_j));

/// SVG up to so many bars; beyond, the chart shows the layers with the most and says so.
lnsim.most_bars = 400;

lnsim.layers_section = () => {
  const reports = lnsim.view.reports;
  let chosen = 0;
  const rows = () => reports[chosen].layers.map((layer, index) => ({layer, index}));
  const of_iteration = (layer, value) => value * lnsim.num(layer.repeat);
  const shown = () => {
    const all = rows();
    if (all.length <= lnsim.most_bars) return all;
    const costly = [...all].sort((a, b) => of_iteration(b.layer, lnsim.layer_energy(b.layer)) -
                                           of_iteration(a.layer, lnsim.layer_energy(a.layer))).slice(0, lnsim.most_bars);
    return costly.sort((a, b) => a.index - b.index);
  };
  const zoom = () => [{type: 'slider', bottom: 4, height: 18, textStyle: {color: lnsim.colour('--text')}}];
  const frame = (list, narrow, format) => ({
    legend: {},
    grid: {left: 8, right: 16, top: narrow ? 56 : 40, bottom: 36, containLabel: true},
    xAxis: {type: 'category', data: list.map(row => lnsim.layer_label(row.layer)), axisLabel: {show: false},
            axisTick: {show: false}},
    yAxis: {type: 'value', axisLabel: {formatter: format, hideOverlap: true}},
    dataZoom: zoom(),
  });
  const energy_chart = lnsim.chart(
    'Energy of each layer and pass, times its repeats in an iteration, in order of execution (chip + DRAM).', 340, narrow => {
      const list = shown();
      const lists = list.map(row => new Map(Object.entries(row.layer.energy_j)
        .map(([name, joules]) => [name, of_iteration(row.layer, lnsim.num(joules))])));
      const total = new Map();
      for (const parts of lists) for (const [name, joules] of parts) total.set(name, (total.get(name) || 0) + joules);
      const names = lnsim.main_components([total], 7);
      return {
        ...frame(list, narrow, value => lnsim.unit(value, 'J', 3)),
        tooltip: {formatter: point => `${point.name}\n${point.seriesName}: ${lnsim.unit(point.value, 'J')}`},
        series: [...names.map(name => lnsim.component_series(name, lists.map(parts => parts.get(name) || 0))),
                 lnsim.component_series('other', lists.map(parts => lnsim.other_than(parts, names)))],
      };
    });
  const cycles_chart = lnsim.chart('Cycles of the lanes in each layer and pass, times its repeats: busy, or the cause of the stall.',
    340, narrow => {
      const list = shown();
      const split = list.map(row => lnsim.lane_cycles(row.layer));
      const causes = lnsim.causes_of(split);
      return {
        ...frame(list, narrow, value => lnsim.unit(value, '', 3)),
        tooltip: {formatter: point => `${point.name}\n${point.seriesName}: ${lnsim.digits(point.value, 6)} cycles`},
        series: causes.map(cause => ({type: 'bar', stack: 'cycles', name: cause, barCategoryGap: '10%',
                                      data: split.map((one, i) => of_iteration(list[i].layer, one.get(cause) || 0))})),
      };
    });
  const columns = [
    {title: 'layer', kind: 'text', value: row => row.layer.name},
    {title: 'pass', kind: 'text', value: row => lnsim.pass_label(row.layer.pass)},
    {title: 'repeat', value: row => row.layer.repeat, text: lnsim.count},
    {title: 'cycles', value: row => row.layer.cycles, text: lnsim.count,
     cell: row => lnsim.shown('td', chosen, `/layers/${row.index}/cycles`, lnsim.count)},
    {title: 'energy', value: row => lnsim.layer_energy(row.layer), text: value => lnsim.unit(value, 'J')},
    {title: 'MACs', value: row => row.layer.macs, text: lnsim.count,
     cell: row => lnsim.shown('td', chosen, `/layers/${row.index}/macs`, lnsim.count)},
    {title: 'energy per MAC', value: row => (lnsim.num(row.layer.macs) > 0 ? lnsim.layer_energy(row.layer) / lnsim.num(row.layer.macs) : NaN),
     text: value => lnsim.unit(value, 'J')},
    {title: 'bound by', kind: 'text', value: row => row.layer.bound_by || '–'},
    {title: 'MACs/DRAM byte', value: row => row.layer.roofline.macs_per_dram_byte, text: value => lnsim.digits(value)},
    {title: 'cycles / compute bound', value: row => row.layer.roofline.cycles_over_compute_bound,
     text: value => lnsim.digits(value, 3)},
  ];
  const make_table = () => lnsim.table('Layers and passes, of one execution each', columns, rows(), true);
  let table = make_table();
  const parts = [];
  if (reports.length > 1) {
    parts.push(lnsim.element('div', {class: 'controls'},
      lnsim.select('Scheme of the layers', reports.map((report, i) => [i, report.scheme]), chosen, value => {
        chosen = Number(value);
        energy_chart.redraw();
        cycles_chart.redraw();
        const made = make_table();
        table.replaceWith(made);
        table = made;
      })));
  }
  const many = reports.some(report => report.layers.length > lnsim.most_bars);
  const note = lnsim.element('p', {class: 'muted'},
    'Rows are one execution; click a head to sort.' +
    (many ? ` The charts show the ${lnsim.most_bars} layers and passes with the most energy.` : ''));
  lnsim.section('layers', 'Layers and passes', ...parts, energy_chart, cycles_chart, note, table);
};

/// Cycles of the lanes by cause; passes that do not use them count as one cause.
lnsim.lane_cycles = layer => {
  const lanes = layer.stalls.lanes;
  if (!lanes) return new Map([['lanes not used', lnsim.num(layer.cycles)]]);
  const all = lnsim.sum(Object.values(lanes));
  const scale = all > 0 ? lnsim.num(layer.cycles) / all : 0;  // several PEs: their sum is several times the cycles
  return new Map(Object.entries(lanes).map(([cause, cycles]) => [cause, lnsim.num(cycles) * scale]));
};

lnsim.causes_of = splits => {
  const order = ['busy', 'fill', 'operand_a', 'operand_b', 'collector', 'accumulate_latency', 'drain', 'lanes not used'];
  const present = new Set();
  for (const one of splits) for (const [cause, cycles] of one) if (cycles > 0) present.add(cause);
  return [...present].sort((a, b) => (order.indexOf(a) + 100) % 100 - (order.indexOf(b) + 100) % 100);
};

lnsim.stalls_section = () => {
  const reports = lnsim.view.reports;
  const total = (report, split) => {
    const sum = new Map();
    for (const layer of report.layers) {
      for (const [name, cycles] of split(layer)) {
        sum.set(name, (sum.get(name) || 0) + cycles * lnsim.num(layer.repeat));
      }
    }
    return sum;
  };
  const stacked = (caption, split, order) => lnsim.chart(caption, () => 130 + 34 * reports.length, narrow => {
    const sums = reports.map(report => total(report, split));
    const names = order(sums);
    return {
      legend: {},
      grid: {left: 8, right: 30, top: narrow ? 56 : 40, bottom: 40, containLabel: true},
      xAxis: {type: 'value', axisLabel: {formatter: value => lnsim.unit(value, '', 3), hideOverlap: true},
              name: 'cycles', nameLocation: 'middle', nameGap: 26},
      yAxis: {type: 'category', inverse: true, data: reports.map(report => report.scheme)},
      tooltip: {formatter: point => {
        const share = lnsim.num(point.value) / lnsim.num(reports[point.dataIndex].totals.cycles);
        return `${point.name}, ${point.seriesName}: ${lnsim.digits(point.value, 6)} cycles, ${lnsim.percent(share)}`;
      }},
      series: names.map(name => ({type: 'bar', stack: 'cycles', name, data: sums.map(sum => sum.get(name) || 0)})),
    };
  });
  const stalls = stacked('Cycles of the lanes over the iteration: busy, or the cause of the stall.', lnsim.lane_cycles,
                         sums => lnsim.causes_of(sums));
  const bounds = stacked('Cycles of the iteration by what bounds the layer.',
    layer => new Map([[layer.bound_by || 'none', lnsim.num(layer.cycles)]]),
    sums => [...new Set(sums.flatMap(sum => [...sum.keys()]))].sort());
  lnsim.section('stalls', 'Stalls and bounds', stalls, bounds);
};

lnsim.roofline_section = () => {
  const reports = lnsim.view.reports;
  let chosen = 0;
  const caption = 'Each point is a GEMM pass; the roof is the peak of the PEs and the peak bandwidth of the DRAM.';
  const chart = lnsim.chart(caption, 420, narrow => {
    const report = reports[chosen];
    const roof = report.totals.roofline;
    const peak = lnsim.num(roof.peak_macs_per_cycle), bandwidth = lnsim.num(roof.peak_dram_bytes_per_cycle);
    const passes = new Map();
    const points = [];
    for (const layer of report.layers) {
      const x = lnsim.num(layer.roofline.macs_per_dram_byte), y = lnsim.num(layer.macs) / lnsim.num(layer.cycles);
      if (!(x > 0) || !(y > 0)) continue;
      if (!passes.has(layer.pass)) passes.set(layer.pass, []);
      passes.get(layer.pass).push({name: lnsim.layer_label(layer), value: [x, y]});
      points.push([x, y]);
    }
    const symbols = ['circle', 'rect', 'triangle', 'diamond', 'pin'];
    const series = [...passes.entries()].map(([pass, data], i) => ({
      type: 'scatter', name: lnsim.pass_label(pass), symbol: symbols[i % symbols.length], symbolSize: 10, data,
      itemStyle: {opacity: .8}}));
    let low = Math.min(...points.map(point => point[0]), 1), high = Math.max(...points.map(point => point[0]), 1);
    if (peak > 0 && bandwidth > 0) {
      const ridge = peak / bandwidth;
      low = Math.min(low, ridge) / 2;
      high = Math.max(high, ridge) * 2;
      series.push({type: 'line', name: 'roof', symbol: 'none', lineStyle: {color: lnsim.colour('--text'), width: 2},
                   itemStyle: {color: lnsim.colour('--text')},
                   data: [[low, low * bandwidth], [ridge, peak], [high, peak]]});
    }
    return {
      legend: {},
      grid: {left: 16, right: 24, top: narrow ? 56 : 40, bottom: 44, containLabel: true},
      xAxis: {type: 'log', name: 'useful MACs per DRAM byte', nameLocation: 'middle', nameGap: 28,
              axisLabel: {formatter: value => lnsim.digits(value), hideOverlap: true}},
      yAxis: {type: 'log', name: 'useful MACs per cycle', axisLabel: {formatter: value => lnsim.digits(value)}},
      tooltip: {formatter: point => (point.seriesType === 'line' ? 'roof' :
        `${point.name}\n${lnsim.digits(point.value[0])} MACs/byte, ${lnsim.digits(point.value[1])} MACs/cycle`)},
      series,
    };
  });
  const controls = lnsim.element('div', {class: 'controls'},
    lnsim.select('Scheme of the roofline', reports.map((report, i) => [i, report.scheme]), chosen,
                 value => { chosen = Number(value); chart.redraw(); }));
  lnsim.section('roofline', 'Roofline', ...(reports.length > 1 ? [controls] : []), chart);
};
