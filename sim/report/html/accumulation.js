// SPDX-License-Identifier: Apache-2.0
// The page of `lnsim accum`: how wide each GEMM's accumulator must be, and the longest sums of each width.
'use strict';

lnsim.accumulation_least = row => row.scheme.least.mantissa ?? row.scheme.least.bits;
lnsim.accumulation_width = least => (least.type === 'float' ? `mantissa ${least.mantissa}`
  : `${least.bits} bits` + (least.guard === undefined ? '' : `, guard ${least.guard}`));

lnsim.accumulation_rows = () => {
  const a = lnsim.view.accumulation;
  const names = a.layers.map(row => `${row.name} ${row.pass} ${lnsim.count(row.n)}`);
  const series = [
    ['one sum, predicted', row => row.plain.min_m_acc], [`chunks of ${a.chunk}, predicted`, row => row.chunked.min_m_acc]];
  if (a.scheme) series.push([`${a.scheme.name}, measured`, lnsim.accumulation_least]);
  const chart = lnsim.chart('Least accumulator of each GEMM: mantissa bits' +
      (a.scheme && a.layers[0].scheme.least.type === 'fixed' ? '; of the scheme all bits of its fixed accumulator.' : '.'),
    () => 90 + 14 * series.length * names.length, narrow => ({
      grid: {left: narrow ? 130 : 260, right: 30, top: 50, bottom: 40},
      legend: {},
      tooltip: {trigger: 'axis'},
      xAxis: {type: 'value', name: 'bits', nameLocation: 'middle', nameGap: 26, minInterval: 1},
      yAxis: {type: 'category', data: names, inverse: true, axisLabel: {width: narrow ? 120 : 250, overflow: 'truncate'}},
      series: series.map(([name, value]) => ({name, type: 'bar', data: a.layers.map(value)})),
    }));
  const columns = [
    {title: 'layer', kind: 'text', value: row => row.name},
    {title: 'pass', kind: 'text', value: row => row.pass},
    {title: 'n', value: row => row.n, text: lnsim.count},
    {title: 'bits', value: row => row.plain.min_m_acc},
    {title: 'VRR', value: row => row.plain.vrr, text: value => lnsim.digits(value, 6)},
    {title: 'chunked: bits', value: row => row.chunked.min_m_acc},
    {title: 'VRR', value: row => row.chunked.vrr, text: value => lnsim.digits(value, 6)}];
  if (a.scheme) {
    columns.push({title: 'not zero', value: row => row.scheme.nzr, text: lnsim.percent},
      {title: `${a.scheme.name}: VRR`, value: row => row.scheme.own.vrr, text: value => lnsim.digits(value, 4)},
      {title: 'SNR, dB', value: row => row.scheme.own.snr_db,
       text: value => (value === null ? 'exact' : lnsim.digits(value, 3))},
      {title: 'least', kind: 'text', value: row => lnsim.accumulation_width(row.scheme.least)});
  }
  lnsim.section('gemms', 'GEMMs', chart, lnsim.table('Least accumulators', columns, a.layers, true));
};

lnsim.accumulation_knees = () => {
  const knees = lnsim.view.accumulation.knees;
  const line = (name, field, symbol) => ({name, type: 'line', symbol, symbolSize: 8,
    data: knees.filter(knee => lnsim.num(knee[field]) > 0).map(knee => [knee.m_acc, lnsim.num(knee[field])])});
  lnsim.section('knees', 'Longest sums', lnsim.chart('The longest sum that meets the criterion, against the mantissa of its accumulator.', 360, () => ({
    grid: {left: 80, right: 30, top: 50, bottom: 50},
    legend: {},
    tooltip: {trigger: 'item', formatter: item => `${item.seriesName}\n${item.value[0]} bits: ${lnsim.count(Math.round(item.value[1]))}`},
    xAxis: {type: 'value', name: 'mantissa bits', nameLocation: 'middle', nameGap: 28, minInterval: 1, min: 1},
    yAxis: {type: 'log', name: 'products'},
    series: [line('one sum', 'plain_n', 'circle'), line('in chunks', 'chunked_n', 'rect')],
  })));
};

lnsim.build_accumulation = () => {
  const a = lnsim.view.accumulation;
  const title = `${a.workload}, batch ${lnsim.count(a.batch)}: accumulators`;
  document.title = 'lnsim: ' + title;
  document.getElementById('content').replaceChildren(
    lnsim.element('header', {}, lnsim.element('h1', {}, title),
      lnsim.element('p', {class: 'muted'},
        `Predicted by the variance retention ratio for rounding to nearest, products of ${a.m_p} mantissa bits, ` +
        `${lnsim.percent(a.nzr)} of them not zero.` +
        (a.scheme ? ` Measured: ${a.scheme.trials} sums of operands from the tensors' distributions in the unit of ` +
                    `${a.scheme.name}, groups of ${a.scheme.vector_size}.` : ''))),
    lnsim.element('nav', {'aria-label': 'Sections'}, lnsim.element('ul')));
  const widest = Math.max(...a.layers.map(row => row.plain.min_m_acc));
  const chunked = Math.max(...a.layers.map(row => row.chunked.min_m_acc));
  const paragraph = lnsim.element('p', {class: 'answer'}, 'One accumulator for the whole network needs ',
    lnsim.element('strong', {}, `${widest} mantissa bits`), `, in chunks of ${a.chunk} ${chunked}.`);
  if (a.scheme) paragraph.append(` ${a.scheme.name}, measured: ${lnsim.accumulation_width(a.scheme.least)}.`);
  document.getElementById('content').append(paragraph);
  lnsim.accumulation_rows();
  lnsim.accumulation_knees();
};
