package io.gatehouse.examples.benchmarks.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class BarChartTest {

  @Test
  void a_bar_is_as_long_as_its_value_beside_the_largest() throws Exception {
    BarChart chart = new BarChart("a < b & c");
    chart.add("half", 50);
    chart.add("whole", 100);

    Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(new ByteArrayInputStream(chart.toString().getBytes(StandardCharsets.UTF_8)));

    NodeList bars = svg.getElementsByTagName("rect"); // the first is the ground
    assertThat(bars.getLength()).isEqualTo(3);
    assertThat(2 * width(bars, 1)).isEqualTo(width(bars, 2));
    assertThat(svg.getElementsByTagName("text").item(0).getTextContent()).isEqualTo("a < b & c");
  }

  private static double width(NodeList bars, int index) {
    return Double.parseDouble(((Element) bars.item(index)).getAttribute("width"));
  }
}
