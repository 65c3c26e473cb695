// SPDX-License-Identifier: Apache-2.0
// The page of `lnsim train`: accuracy against energy first, then the curves. view.reports are its schemes.
'use strict';

lnsim.training_header = () => {
  const t = lnsim.view.training;
  const title = `${t.workload} trained on ${t.dataset}`;
  document.title = 'lnsim: ' + title;
  document.getElementById('content').replaceChildren(
    lnsim.element('header', {}, lnsim.element('h1', {}, title),
      lnsim.element('p', {class: 'muted'},
        `${lnsim.count(t.parameters)} parameters; ${lnsim.count(t.train_samples)} samples to train, ` +
        `${lnsim.count(t.test_samples)} to test, ${t.classes} classes; ${lnsim.count(t.settings.epochs)} epochs, batch ` +
        `${lnsim.count(t.settings.batch)}, seed ${t.settings.seed}. Machine ${t.accelerator} in ${t.technology}; ` +
        `electricity of ${t.grid}, PUE ${lnsim.digits(t.pue)}.`)),
    lnsim.element('nav', {'aria-label': 'Sections'}, lnsim.element('ul')));
};

lnsim.training_answer = () => {
  const runs = lnsim.view.reports.filter(run => run.diverged === null);
  const paragraph = lnsim.element('p', {class: 'answer'});
  if (runs.length === 0) {
    paragraph.append('No scheme reached the end of the training.');
    return paragraph;
  }
  const accurate = runs.reduce((a, b) => (b.test_accuracy > a.test_accuracy ? b : a));
  const frugal = runs.reduce((a, b) => (b.run.it_kwh < a.run.it_kwh ? b : a));
  paragraph.append('Most accurate: ', lnsim.element('strong', {}, accurate.scheme), `, ${lnsim.percent(accurate.test_accuracy)}`);
  if (frugal !== accurate) {
    paragraph.append('. Least energy: ', lnsim.element('strong', {}, frugal.scheme),
      `, ${lnsim.percent(frugal.test_accuracy)} for ${lnsim.percent(frugal.run.it_kwh / accurate.run.it_kwh)} of that energy`);
  } else if (runs.length > 1) {
    paragraph.append(', and the least energy too');
  }
  paragraph.append('.');
  return paragraph;
};

lnsim.training_overview = () => {
  const runs = lnsim.view.reports;
  const chart = lnsim.chart('Test accuracy after the last epoch against the energy of the whole training on the machine; the line joins the schemes that no other one beats in both.',
    420, () => {
      const points = runs.map((run, i) => ({run, i})).filter(one => one.run.diverged === null);
      const front = points.filter(one => one.run.pareto).sort((a, b) => a.run.run.it_kwh - b.run.run.it_kwh);
      const energies = points.map(one => lnsim.num(one.run.run.energy_j));
      const wide = Math.max(...energies) > 20 * Math.min(...energies);
      const place = one => [lnsim.num(one.run.run.energy_j), 100 * one.run.test_accuracy];
      return {
        grid: {left: 70, right: 90, top: 20, bottom: 60},
        tooltip: {trigger: 'item', formatter: item => item.seriesName === 'best' ? '' :
          `${item.name}\n${lnsim.digits(item.value[1])} %\n${lnsim.unit(item.value[0], 'J')}`},
        xAxis: {type: wide ? 'log' : 'value', scale: true, name: 'energy of the training, PUE included', nameLocation: 'middle', nameGap: 36,
                axisLabel: {formatter: value => lnsim.unit(value, 'J', 3), hideOverlap: true}},
        yAxis: {type: 'value', name: 'test accuracy, %', scale: true},
        series: [
          {name: 'best', type: 'line', data: front.map(place), symbol: 'none', silent: true,
           lineStyle: {type: 'dashed', color: lnsim.colour('--muted')}},
          {name: 'schemes', type: 'scatter', symbolSize: 14,
           data: points.map(one => ({name: one.run.scheme, value: place(one),
                                     itemStyle: {color: lnsim.palette[one.i % lnsim.palette.length]}})),
           label: {show: true, position: 'right', formatter: '{b}', color: lnsim.colour('--text')}}],
      };
    });
  const cell = (pointer, text) => run => lnsim.shown('td', runs.indexOf(run), pointer, text);
  const columns = [
    {title: 'scheme', kind: 'text', value: run => run.scheme},
    {title: 'optimizer', kind: 'text', value: run => run.optimizer},
    {title: 'test accuracy', value: run => run.test_accuracy, cell: cell('/test_accuracy', lnsim.percent)},
    {title: 'energy of an iteration', value: run => run.iteration.energy_j, cell: cell('/iteration/energy_j', value => lnsim.unit(value, 'J'))},
    {title: 'iterations', value: run => run.run.iterations, cell: cell('/run/iterations', value => lnsim.digits(value, 7))},
    {title: 'energy of the training', value: run => run.run.energy_j,
     cell: cell('/run/energy_j', value => lnsim.unit(value, 'J'))},
    {title: 'time', value: run => run.run.seconds, cell: cell('/run/seconds', lnsim.duration)},
    {title: 'CO2e', value: run => run.run.total_g, cell: cell('/run/total_g', lnsim.grams)},
    {title: 'on the line', kind: 'text', value: run => (run.diverged !== null ? 'diverged' : run.pareto ? 'yes' : 'no')},
  ];
  const section = lnsim.section('accuracy', 'Accuracy and energy', lnsim.training_answer(), chart,
    lnsim.table('Accuracy, energy and carbon of each scheme', columns, runs, true));
  for (const run of runs.filter(one => one.diverged !== null)) {
    section.append(lnsim.element('p', {}, `${run.scheme} diverged: ${run.diverged}`));
  }
};

lnsim.training_curves = () => {
  const runs = lnsim.view.reports;
  const curve = (caption, label, value) => lnsim.chart(caption, 340, () => ({
    grid: {left: 70, right: 20, top: 50, bottom: 50},
    legend: {},
    tooltip: {trigger: 'axis', valueFormatter: lnsim.digits},
    xAxis: {type: 'value', name: 'epoch', nameLocation: 'middle', nameGap: 28, minInterval: 1, min: 1,
            max: lnsim.view.training.settings.epochs},
    yAxis: {type: 'value', name: label, scale: true},
    series: runs.map((run, i) => ({
      name: run.scheme, type: 'line', symbol: ['circle', 'rect', 'triangle', 'diamond'][i % 4], symbolSize: 7,
      lineStyle: {type: ['solid', 'dashed', 'dotted'][Math.floor(i / 4) % 3]},
      data: run.epochs.map(epoch => [epoch.epoch, value(epoch)])})),
  }));
  lnsim.section('curves', 'Curves',
    curve('Test accuracy after each epoch.', 'test accuracy, %', epoch => 100 * epoch.test_accuracy),
    curve('Mean training loss of each epoch, each batch before its update.', 'training loss, nats', epoch => epoch.train_loss));
};

lnsim.training_arithmetic = () => {
  const share = (run, name) => lnsim.sum(run.epochs.map(epoch => epoch[name]));
  lnsim.section('arithmetic', 'What the arithmetic did', lnsim.table('Counts of the whole training', [
    {title: 'scheme', kind: 'text', value: run => run.scheme},
    {title: 'MACs', value: run => share(run, 'macs'), text: value => lnsim.digits(value)},
    {title: 'elements rounded', value: run => share(run, 'rounded'), text: value => lnsim.digits(value)},
    {title: 'of them clipped', value: run => share(run, 'clipped') / share(run, 'rounded'), text: lnsim.percent},
    {title: 'accumulator saturations', value: run => share(run, 'saturations'), text: value => lnsim.digits(value)},
  ], lnsim.view.reports, true));
};

lnsim.training_configuration = () => {
  const t = lnsim.view.training;
  const json = (title, value) => lnsim.fold(title, lnsim.element('pre', {tabindex: '0', 'aria-label': title}, JSON.stringify(value, null, 2)));
  lnsim.section('configuration', 'Configuration', lnsim.element('p', {}, `lnsim ${t.version}. The same settings give the same numbers for any number of threads.`),
    json('Settings', t.settings), ...lnsim.view.reports.map(run => json(`Scheme ${run.scheme}`, run.config)));
};

lnsim.build_training = () => {
  lnsim.training_header();
  lnsim.training_overview();
  lnsim.training_curves();
  lnsim.training_arithmetic();
  lnsim.training_configuration();
};
