import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts a node out of the server's jars: {@code Launch9 HOME CONFIG}. The published jars lack what the server's own main class
 * needs (the agent of its entitlements), so the node is made without it.
 */
public class Launch9 {
  public static void main(String[] arguments) throws Exception {
    LogConfigurator.registerErrorListener();
    LogConfigurator.configureESLogging();
    var home = Settings.builder().put("path.home", arguments[0]).build();
    var config = Path.of(arguments[1]);
    var environment = InternalSettingsPreparer.prepareEnvironment(home, Map.of(), config, () -> "node-1");
    LogConfigurator.setNodeName("node-1");
    LogConfigurator.configureWithoutConfig(Settings.builder().put("logger.level", "INFO").build());
    var loader = PluginsLoader.createPluginsLoader(
        PluginsLoader.loadModulesBundles(environment.modulesDir(), false),
        PluginsLoader.loadPluginsBundles(environment.pluginsDir(), false),
        Map.of(),
        false);
    var node = new Node(environment, loader);
    node.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    Thread.currentThread().join();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (IOException error) {
      error.printStackTrace();
    }
  }
}
