package io.firn.chaos.agent;

import org.jspecify.annotations.Nullable;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes calls of [Gate] into the classes that the sites name, as they are loaded.
final class Injector implements ClassFileTransformer {
    private static final ClassDesc GATE = ClassDesc.of(Gate.class.getName());
    private static final MethodTypeDesc CRASH =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);
    private static final MethodTypeDesc FAIL =
            MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, ConstantDescs.CD_String);
    private static final ClassDesc DURATION = ClassDesc.of("java.time.Duration");
    private static final MethodTypeDesc PARSE =
            MethodTypeDesc.of(DURATION, ClassDesc.of("java.lang.CharSequence"));

    private final Map<String, List<Site>> byClass;

    Injector(List<Site> sites) {
        byClass =
                sites.stream().collect(Collectors.groupingBy(s -> s.className().replace('.', '/')));
    }

    @Override
    public byte @Nullable [] transform(
            @Nullable ClassLoader loader,
            String name,
            @Nullable Class<?> redefined,
            @Nullable ProtectionDomain domain,
            byte[] bytes) {
        List<Site> sites = byClass.get(name);
        if (sites == null) {
            return null;
        }
        try {
            return inject(bytes, sites, loader);
        } catch (RuntimeException | Error e) {
            System.err.println("chaos: cannot inject into " + name);
            e.printStackTrace();
            Runtime.getRuntime().halt(99); // a test without its fault would prove nothing
            return null;
        }
    }

    static byte[] inject(byte[] bytes, List<Site> sites, @Nullable ClassLoader loader) {
        ClassHierarchyResolver resolver =
                loader == null
                        ? ClassHierarchyResolver.defaultResolver()
                        : ClassHierarchyResolver.ofResourceParsing(loader)
                                .orElse(ClassHierarchyResolver.defaultResolver());
        ClassFile format = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(resolver));
        return format.transformClass(
                format.parse(bytes),
                (builder, element) -> {
                    List<Site> here =
                            element instanceof MethodModel method
                                    ? sites.stream()
                                            .filter(
                                                    s ->
                                                            method.methodName()
                                                                    .equalsString(s.method()))
                                            .toList()
                                    : List.of();
                    if (element instanceof MethodModel method && !here.isEmpty()) {
                        builder.transformMethod(
                                method, MethodTransform.transformingCode(new Calls(here)));
                    } else {
                        builder.with(element);
                    }
                });
    }

    /// The calls into one method.
    private record Calls(List<Site> sites) implements CodeTransform {
        @Override
        public void atStart(CodeBuilder code) {
            for (Site site : sites) {
                switch (site) {
                    case Site.Crash crash -> {
                        if (!crash.exit()) {
                            call(code, crash);
                        }
                    }
                    case Site.Fail fail ->
                            code.loadConstant(fail.point())
                                    .loadConstant(fail.message())
                                    .invokestatic(GATE, "fail", FAIL);
                    case Site.Value value -> answer(code, value.value());
                }
            }
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (element instanceof ReturnInstruction) {
                for (Site site : sites) {
                    if (site instanceof Site.Crash crash && crash.exit()) {
                        call(code, crash);
                    }
                }
            }
            code.with(element);
        }

        private static void call(CodeBuilder code, Site.Crash crash) {
            code.loadConstant(crash.point()).invokestatic(GATE, "crash", CRASH);
        }

        private static void answer(CodeBuilder code, String value) {
            if (value.startsWith("P")) {
                code.loadConstant(value).invokestatic(DURATION, "parse", PARSE).areturn();
            } else {
                code.loadConstant(Integer.parseInt(value)).ireturn();
            }
        }
    }
}
