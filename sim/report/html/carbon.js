// SPDX-License-Identifier: Apache-2.0
// Carbon of the run, with the electricity of any grid of the table.
'use strict';

/// Countries spread evenly over the intensities, with the chosen grid among them.
lnsim.sample_of_grids = chosen => {
  const countries = lnsim.view.grids.filter(grid => grid.kind === 'country').sort((a, b) => a.g_per_kwh - b.g_per_kwh);
  const wanted = 11;
  const picked = new Map([[chosen.region + chosen.kind, chosen]]);
  for (let i = 0; i < wanted && countries.length > 0; ++i) {
    const grid = countries[Math.round(i * (countries.length - 1) / (wanted - 1))];
    picked.set(grid.region + grid.kind, grid);
  }
  return [...picked.values()].sort((a, b) => a.g_per_kwh - b.g_per_kwh);
};

lnsim.carbon_section = () => {
  const reports = lnsim.view.reports;
  const used = reports[0].config.grid;
  const grids = lnsim.view.grids;
  const same = grid => grid.region === used.region && grid.name === used.name && grid.g_per_kwh === used.g_per_kwh;
  let list = grids;
  let index = grids.findIndex(same);
  if (index < 0) {  // a stored report may know a grid that this table does not
    list = [{...used, kind: 'of the report'}, ...grids];
    index = 0;
  }
  let grid = list[index];
  const operational = (report, one) => lnsim.num(report.totals.run.kwh) * one.g_per_kwh;
  const embodied = report => lnsim.num(report.totals.run.embodied_g) || 0;
  const embodied_known = reports.some(report => report.totals.run.embodied_g !== null && report.totals.run.embodied_g !== undefined);
  // The table's grids have no range; a report's own may have one.
  const total = (report, one, end) => {
    const run = report.totals.run;
    const range = run.total_range_g;
    if (same(one) && range) return lnsim.num(range[end]);
    const kwh = run.kwh_range ? run.kwh_range[end] : run.kwh;
    const hardware = run.embodied_range_g ? run.embodied_range_g[end] : 0;
    return lnsim.num(kwh) * one.g_per_kwh + lnsim.num(hardware);
  };
  const by_scheme = lnsim.chart('CO2e of the whole run with the chosen electricity.', () => 120 + 34 * reports.length, narrow => ({
    legend: {},
    grid: {left: 8, right: 30, top: 40, bottom: 40, containLabel: true},
    xAxis: {type: 'value', splitNumber: narrow ? 3 : 5, axisLabel: {formatter: lnsim.grams, hideOverlap: true}},
    yAxis: {type: 'category', inverse: true, data: reports.map(report => report.scheme)},
    tooltip: {formatter: point => `${point.name}, ${point.seriesName}: ${lnsim.grams(point.value)}`},
    series: [{type: 'bar', stack: 'carbon', name: 'electricity', data: reports.map(report => operational(report, grid))},
             ...(embodied_known ? [{type: 'bar', stack: 'carbon', name: 'hardware', data: reports.map(embodied)}] : [])],
  }));
  const by_grid = lnsim.chart(`CO2e of the run in ${reports[0].scheme} in grids from the cleanest to the dirtiest country; the chosen one is among them.`,
    430, narrow => {
      const sample = lnsim.sample_of_grids(grid);
      return {
        legend: {},
        grid: {left: 8, right: 30, top: 40, bottom: 40, containLabel: true},
        xAxis: {type: 'value', splitNumber: narrow ? 3 : 5, axisLabel: {formatter: lnsim.grams, hideOverlap: true}},
        yAxis: {type: 'category', inverse: true, data: sample.map(one => (one === grid ? '▸ ' : '') + one.name),
                axisLabel: {width: narrow ? 90 : 220, overflow: 'truncate'}},
        tooltip: {formatter: point => `${point.name}, ${lnsim.digits(sample[point.dataIndex].g_per_kwh)} g/kWh, ` +
                                      `${point.seriesName}: ${lnsim.grams(point.value)}`},
        series: [{type: 'bar', stack: 'carbon', name: 'electricity', data: sample.map(one => operational(reports[0], one))},
                 ...(embodied_known ? [{type: 'bar', stack: 'carbon', name: 'hardware', data: sample.map(() => embodied(reports[0]))}] : [])],
      };
    });
  const table = lnsim.element('div');
  const note = lnsim.element('p', {class: 'muted'});
  const fill = () => {
    note.textContent = `${grid.name}: ${lnsim.digits(grid.g_per_kwh)} g CO2e/kWh` +
      (grid.year ? `, ${grid.year}` : '') + (grid.source ? `; ${grid.source}` : '') + '.';
    const columns = [
      {title: 'scheme', kind: 'text', value: i => reports[i].scheme},
      {title: 'electricity', value: i => reports[i].totals.run.kwh,
       cell: i => lnsim.shown('td', i, '/totals/run/kwh', value => lnsim.digits(value) + ' kWh')},
      {title: 'CO2e of the electricity', value: i => operational(reports[i], grid), text: lnsim.grams,
       cell: i => (same(grid) ? lnsim.shown('td', i, '/totals/run/operational_g', lnsim.grams)
                              : lnsim.element('td', {}, lnsim.grams(operational(reports[i], grid))))},
      {title: 'CO2e of the hardware', value: i => embodied(reports[i]),
       cell: i => lnsim.shown('td', i, '/totals/run/embodied_g',
                              value => (value === null || value === undefined ? 'not counted' : lnsim.grams(value)))},
      {title: 'in all', value: i => operational(reports[i], grid) + embodied(reports[i]), text: lnsim.grams},
      {title: 'at least', value: i => total(reports[i], grid, 'low'), text: lnsim.grams},
      {title: 'at most', value: i => total(reports[i], grid, 'high'), text: lnsim.grams},
      {title: 'time of the run', value: i => reports[i].totals.run.seconds, text: lnsim.duration},
    ];
    table.replaceChildren(lnsim.table('Carbon of the run', columns, reports.map((report, i) => i)));
  };
  const label = one => `${one.name} (${one.region}${one.kind === 'country' ? '' : ', ' + one.kind.replace(/_/g, ' ')})`;
  const choices = list.map((one, i) => [i, label(one)]).sort((a, b) => a[1].localeCompare(b[1], 'en'));
  const select = lnsim.select('Electricity of', choices, index, value => {
    grid = list[Number(value)];
    fill();
    by_scheme.redraw();
    by_grid.redraw();
  });
  fill();
  const run = reports[0].totals.run;
  lnsim.section('carbon', 'Carbon',
    lnsim.element('p', {class: 'muted'},
      `The run ${run.name} on ${lnsim.count(run.chips || 1)} chip${(run.chips || 1) === 1 ? '' : 's'}: ` +
      `${lnsim.digits(run.iterations, 6)} iterations, PUE ${lnsim.digits(reports[0].config.pue.value)}. Chips work data parallel; ` +
      'communication between them, the host, racks and building are not counted.'),
    lnsim.element('div', {class: 'controls'}, select), note, by_scheme, by_grid, table);
};
