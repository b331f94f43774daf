/** Stacked bars. One look for all charts: see chart.ts. */
import { Button } from '@mantine/core';
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent, AriaComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef, useState } from 'react';
import { useWords } from '../words.ts';
import { ChartTable } from './ChartTable.tsx';
import css from './Bars.module.css';

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

export interface Series {
  readonly name: string;
  readonly mood: 'good' | 'waiting' | 'bad' | 'neutral';
  readonly values: readonly number[];
}

export interface BarsProps {
  readonly names: readonly string[];
  readonly series: readonly Series[];
  readonly unit: string;
  readonly label: string;
}

const tokens = { good: '--matsu', waiting: '--oudo', bad: '--shu', neutral: '--ai' } as const;

export default function Bars(props: BarsProps) {
  const { names, series, unit, label } = props;
  const { t } = useWords('parts');
  const [asTable, setAsTable] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const scheme = document.documentElement.dataset['mantineColorScheme'];
  useEffect(() => {
    if (!place.current) return undefined;
    const chart = init(place.current);
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    chart.setOption({
      aria: { enabled: true, label: { description: label } },
      animation: false,
      textStyle: { fontFamily: color('--font'), color: color('--ink-soft') },
      grid: {
        left: 8,
        right: 8,
        top: 36,
        bottom: 4,
        outerBoundsMode: 'same',
        outerBoundsContain: 'axisLabel',
      },
      legend: {
        top: 0,
        right: 0,
        icon: 'roundRect',
        itemWidth: 10,
        itemHeight: 10,
        textStyle: { color: color('--ink-soft') },
      },
      // Drawn, not written as HTML: the page's policy forbids that.
      tooltip: {
        trigger: 'axis',
        renderMode: 'richText',
        backgroundColor: color('--surface'),
        borderColor: color('--line-strong'),
        textStyle: { color: color('--ink') },
      },
      xAxis: {
        type: 'category',
        data: [...names],
        axisTick: { show: false },
        axisLine: { lineStyle: { color: color('--line-strong') } },
        axisLabel: { color: color('--ink-soft') },
      },
      yAxis: {
        type: 'value',
        name: unit,
        nameLocation: 'end',
        nameTextStyle: { align: 'left', color: color('--ink-soft') },
        minInterval: 1,
        splitLine: { lineStyle: { color: color('--line') } },
        axisLabel: { color: color('--ink-soft') },
      },
      series: series.map(({ name, mood, values }) => ({
        name,
        type: 'bar',
        stack: 'all',
        barMaxWidth: 28,
        data: [...values],
        itemStyle: { color: color(tokens[mood]) },
      })),
    });
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      chart.dispose();
    };
  }, [names.join(' '), JSON.stringify(series), scheme, asTable]);
  return (
    <div>
      {asTable ? (
        <ChartTable {...props} />
      ) : (
        <div ref={place} className={css['chart']} role="img" aria-label={label} />
      )}
      <Button variant="subtle" size="compact-xs" onClick={() => setAsTable(!asTable)}>
        {t(asTable ? 'asChart' : 'asTable')}
      </Button>
    </div>
  );
}
